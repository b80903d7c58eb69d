"""A canary address, and every form in which it could be recognised where it must not be."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

_HASHES = ("md5", "sha1", "sha256")


@dataclass(frozen=True)
class Needles:
    """What to look for. `folded` is searched without regard to case, `exact` with it."""

    folded: Mapping[str, bytes]
    exact: Mapping[str, bytes]

    @cached_property
    def names(self) -> list[str]:
        """The names of all forms."""
        return [*self.folded, *self.exact]


@dataclass(frozen=True)
class Canary:
    """An invented address that nobody else can have; its parts are long enough to be no accident."""

    local: str = field(default_factory=lambda: f"cnry-{secrets.token_hex(8)}")
    domain: str = field(default_factory=lambda: f"leak-{secrets.token_hex(6)}.example")

    @property
    def address(self) -> str:
        """The address as a reader would type it."""
        return f"{self.local}@{self.domain}"

    @cached_property
    def needles(self) -> Needles:
        """All its search forms. The domain alone is none: the mask shows it to moderators."""
        address, local = self.address, self.local
        folded = {
            "raw": address,
            "local part": local,
            "reversed": address[::-1],
            "reversed local": local[::-1],
        }
        for sign in ("%40", "%2540", "\\u0040", "\\x40", "&#64;", "&#x40;", "&commat;", "=40"):
            folded[f"@ as {sign}"] = f"{local}{sign}{self.domain}"
        folded["decimal entities"] = "".join(f"&#{ord(sign)};" for sign in local)
        folded["hexadecimal entities"] = "".join(f"&#x{ord(sign):x};" for sign in local)
        folded["percent-encoded"] = "".join(f"%{ord(sign):02x}" for sign in local)
        exact: dict[str, bytes] = {"UTF-16": local.encode("utf-16-le")}
        for spelling, text in (("", local), ("upper-case ", local.upper())):
            folded[f"{spelling}hex"] = text.encode().hex()
            exact |= _base64_forms(spelling, text)
        for spelling, text in (("", address), ("upper-case ", address.upper()), ("local part's ", local)):
            exact |= _hash_forms(spelling, text, folded)
        return Needles({name: text.lower().encode() for name, text in folded.items()}, exact)


def find_leaks(data: bytes, needles: Needles) -> list[str]:
    """The names of the forms that stand in `data`; empty is what everybody hopes for."""
    folded = data.lower()
    found = [name for name, needle in needles.folded.items() if needle in folded]
    return found + [name for name, needle in needles.exact.items() if needle in data]


def _base64_forms(spelling: str, text: str) -> dict[str, bytes]:
    """The middle of `text` in base64, wherever it starts within a group of three bytes."""
    forms = {}
    for offset in range(3):
        before = b"\0" * offset
        first, last = -(-offset * 8 // 6), (offset + len(text)) * 8 // 6
        encoded = base64.b64encode(before + text.encode())[first:last]
        forms[f"{spelling}base64 at {offset}"] = encoded
        forms[f"{spelling}base64 for URLs at {offset}"] = encoded.translate(bytes.maketrans(b"+/", b"-_"))
    return forms


def _hash_forms(spelling: str, text: str, folded: dict[str, str]) -> dict[str, bytes]:
    """Plain hashes: whoever guesses the address can make them too. The hexadecimal ones join `folded`."""
    forms = {}
    for algorithm in _HASHES:
        digest = hashlib.new(algorithm, text.encode()).digest()
        folded[f"{spelling}{algorithm} in hex"] = digest.hex()
        forms[f"{spelling}{algorithm}"] = digest
        forms[f"{spelling}{algorithm} in base64"] = base64.b64encode(digest).rstrip(b"=")
        forms[f"{spelling}{algorithm} in base64 for URLs"] = base64.urlsafe_b64encode(digest).rstrip(b"=")
    return forms
