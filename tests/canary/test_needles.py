"""The search itself: each form is found where it stands, and nothing where it does not."""

import base64
import hashlib
import html
import json
import secrets
from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.canary.needles import Canary, find_leaks

CANARY = Canary()


def hidden_in_base64(encode: Callable[[bytes], bytes], offset: int) -> Callable[[str], bytes]:
    return lambda text: encode(b"abc"[:offset] + text.encode() + b" and more")


def digest(algorithm: str) -> Callable[[str], bytes]:
    return lambda text: hashlib.new(algorithm, text.encode()).digest()


def hex_digest(algorithm: str) -> Callable[[str], bytes]:
    return lambda text: hashlib.new(algorithm, text.encode()).hexdigest().encode()


# How somebody else would write it: with the standard library, not with our own table of forms.
WRITTEN: dict[str, Callable[[str], bytes]] = {
    "raw": str.encode,
    "upper": lambda text: text.upper().encode(),
    "local part": lambda text: text.partition("@")[0].encode(),
    "in a URL": lambda text: quote(text).encode(),
    "in a URL twice": lambda text: quote(quote(text)).encode(),
    "in JSON": lambda text: json.dumps(text).replace("@", "\\u0040").encode(),
    "in HTML": lambda text: text.replace("@", "&#64;").encode(),
    "in HTML by name": lambda text: text.replace("@", "&commat;").encode(),
    "in HTML, all of it": lambda text: "".join(f"&#x{ord(sign):X};" for sign in text).encode(),
    "in HTML, all decimal": lambda text: "".join(f"&#{ord(sign)};" for sign in text).encode(),
    "quoted-printable": lambda text: text.replace("@", "=40").encode(),
    "hex": lambda text: text.encode().hex().encode(),
    "hex of upper": lambda text: text.upper().encode().hex().upper().encode(),
    "reversed": lambda text: text[::-1].encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "base64": hidden_in_base64(base64.b64encode, 0),
    "base64 at 1": hidden_in_base64(base64.b64encode, 1),
    "base64 at 2": hidden_in_base64(base64.b64encode, 2),
    "base64 for URLs": hidden_in_base64(base64.urlsafe_b64encode, 0),
    "base64 for URLs at 1": hidden_in_base64(base64.urlsafe_b64encode, 1),
    "base64 for URLs at 2": hidden_in_base64(base64.urlsafe_b64encode, 2),
    "base64 of upper": lambda text: base64.b64encode(text.upper().encode()),
    **{name: digest(name) for name in ("md5", "sha1", "sha256")},
    **{f"{name} in hex": hex_digest(name) for name in ("md5", "sha1", "sha256")},
    "sha256 in base64": lambda text: base64.b64encode(digest("sha256")(text)),
    "sha256 in base64 for URLs": lambda text: base64.urlsafe_b64encode(digest("sha256")(text)),
    "sha256 of upper": lambda text: digest("sha256")(text.upper()).hex().encode(),
    "md5 of local part": lambda text: digest("md5")(text.partition("@")[0]).hex().encode(),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_it_is_found_in_every_form(name: str) -> None:
    written = b"before " + WRITTEN[name](CANARY.address) + b" after"
    assert find_leaks(written, CANARY.needles)


@pytest.mark.parametrize("name", WRITTEN)
def test_another_address_in_that_form_is_not_taken_for_it(name: str) -> None:
    assert not find_leaks(WRITTEN[name](Canary().address), CANARY.needles)


def test_the_mask_is_no_leak() -> None:
    assert not find_leaks(f"c…@{CANARY.domain}".encode(), CANARY.needles)


def test_noise_is_no_leak() -> None:
    assert not find_leaks(secrets.token_bytes(200_000), CANARY.needles)


def test_no_form_is_so_short_that_chance_could_write_it() -> None:
    forms = {**CANARY.needles.folded, **CANARY.needles.exact}
    assert min(map(len, forms.values())) >= 16
    assert len(forms) == len(CANARY.needles.names) >= 50
    assert html.unescape(CANARY.needles.folded["decimal entities"].decode()) == CANARY.local
