"""The corpus through the readers' forms: taken and shown as text, or shown again with all that was typed."""

from html import unescape
from typing import Any

import pytest
from django.test import Client

from tests.bad_input.fields import REFUSED, TAKEN, Typed
from tests.bad_input.world import FORM_WRITES, World
from tests.builders import PAGE, screen_all
from tests.embed.forms import PATH, hidden_inputs

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]

INPUT_OF = {"body": "comment", "name": "author", "email": "email", "website": "url"}
TYPED = {"comment": "Worth keeping.", "author": "Wilma Dray", "email": "wilma@reader.example", "url": ""}
FORM = "application/x-www-form-urlencoded"


def hidden_of(world: World, name: str) -> dict[str, str]:
    """The hidden inputs of a form, as its page shows them."""
    page = Client().get(FORM_WRITES[name][1](world))
    return hidden_inputs(page.content.decode())


def post(world: World, name: str, changes: dict[str, str], hidden: dict[str, str] | None = None) -> Any:
    """Fill in a form and send it; its page is fetched first where `hidden` is not given."""
    typed = {**(hidden or hidden_of(world, name)), **TYPED, **changes}
    return Client().post(FORM_WRITES[name][0](world), typed)


def keeps(text: str, changes: dict[str, str]) -> bool:
    """Whether the page still has what was typed, as a browser shows it."""
    kept = unescape(text).replace("\r\n", "\n").replace("\r", "\n")
    wanted = {**TYPED, **changes}["comment"].replace("\r\n", "\n").replace("\r", "\n")
    return wanted.strip("\n") in kept


def what_is_wrong(world: World, name: str, case: Typed, hidden: dict[str, str]) -> str:
    changes = {INPUT_OF[case.field]: case.value}
    before = world.counts()
    answer = post(world, name, changes, hidden)
    text = answer.content.decode()
    if answer.status_code != 422:
        return f"{case.label}: {answer.status_code}"
    if f'id="{INPUT_OF[case.field]}-error"' not in text:
        return f"{case.label}: another field is named"
    if world.counts() != before:
        return f"{case.label}: something was stored"
    return "" if keeps(text, changes) else f"{case.label}: the text is lost"


def refused_by(world: World, name: str, cases: list[Typed]) -> list[str]:
    hidden = hidden_of(world, name)
    return [wrong for case in cases if (wrong := what_is_wrong(world, name, case, hidden))]


def test_every_field_is_refused_what_it_cannot_hold_by_forms_in_turn(world: World) -> None:
    for number, name in enumerate(FORM_WRITES):
        assert refused_by(world, name, REFUSED[number :: len(FORM_WRITES)]) == []
    assert world.broken_lists() == []


@pytest.mark.slow
@pytest.mark.parametrize("name", FORM_WRITES)
def test_every_field_of_every_form_is_refused_what_it_cannot_hold(name: str, world: World) -> None:
    assert refused_by(world, name, REFUSED) == []
    assert world.broken_lists() == []


def test_what_is_odd_but_honest_is_taken(world: World) -> None:
    """As it was sent; tests/bad_input/test_api.py reads it back, tests/e2e looks at it in a browser."""
    for number, case in enumerate(TAKEN):
        name = list(FORM_WRITES)[number % len(FORM_WRITES)]
        typed = {"comment": f"Never said before, {number}.", "email": f"r{number}@reader.example"}
        answer = post(world, name, typed | {INPUT_OF[case.field]: case.value})
        assert answer.status_code == 303, case.label
    screen_all()
    assert world.broken_lists() == []
    pages = Client().get(PATH).content + Client().get(f"/embed/{world.public.key}/thread?url={PAGE}").content
    for bad in (b"<script>alert", b"<svg onload", b"<img src=x", b'javascript:alert(1)"', b"<math>"):
        assert bad not in pages


RAW: dict[str, tuple[bytes, str, int]] = {
    "empty": (b"", FORM, 422),
    "bytes that are no UTF-8": (b"comment=a%FFb&author=x&email=a%40b.example", FORM, 422),
    "surrogate in UTF-8": (b"comment=a%ED%A0%80&author=x&email=a%40b.example", FORM, 422),
    # By Django's own requests, as here; the service's read UTF-8 whatever is named (config/web/wsgi.py).
    "another charset": (b"comment=x", f"{FORM}; charset=utf-7", 400),
    "a charset that is none": (b"comment=x", f"{FORM}; charset=bogus", 422),
    "JSON": (b'{"comment": "x"}', "application/json", 422),
    "XML": (b"<comment/>", "application/xml", 422),
    "no content type": (b"comment=x", "", 422),
    "percent signs": (b"%%%=%&%u1234=%zz&comment=%", FORM, 422),
    "a thousand and one fields": (b"&".join(b"f%d=1" % n for n in range(1002)), FORM, 400),
    "multipart without a boundary": (b"x", "multipart/form-data", 400),
    "multipart that never begins": (b"x", "multipart/form-data; boundary=y", 422),
    "multipart with a boundary of 300": (b"x", "multipart/form-data; boundary=" + "b" * 300, 400),
    "multipart cut off": (
        b'--y\r\nContent-Disposition: form-data; name="comment"\r\n\r\nx',
        "multipart/form-data; boundary=y",
        422,
    ),
    "a file": (
        b'--y\r\nContent-Disposition: form-data; name="comment"; filename="../../x"\r\n\r\nx\r\n--y--\r\n',
        "multipart/form-data; boundary=y",
        422,
    ),
    "128 kB and a byte": (b"comment=" + b"x" * (128 * 1024), FORM, 400),
}


@pytest.mark.parametrize("name", FORM_WRITES)
def test_what_is_no_form_is_refused_in_words(name: str, world: World) -> None:
    to, before, wrong = FORM_WRITES[name][0](world), world.counts(), []
    for what, (body, content_type, status) in RAW.items():
        answer = Client().generic(
            "POST", to, body, content_type=content_type, headers={"Accept": "text/html"}
        )
        text = answer.content.decode()
        if answer.status_code != status or "<html" not in text or world.counts() != before:
            wrong.append((what, answer.status_code))
        if status == 400 and "Back button" not in text:
            wrong.append((f"{what}: no advice", status))
    assert wrong == []
    assert world.broken_lists() == []


def test_hidden_fields_are_not_believed(world: World) -> None:
    parents = ["x", "-1", str(2**200), "1e400", "\x00", "[]", "0" * 10_000, str(world.held.id)]
    for parent in parents:
        answer = post(world, "article-comments", {"comment_parent": parent})
        assert answer.status_code == 403, parent
        assert keeps(answer.content.decode(), {})
    for token in ["\x00", "\u20ac", "x" * 100_000, "..", "AAAA.BBBB"]:
        answer = post(world, "article-comments", {"form_token": token})
        assert answer.status_code == 422, token
        assert keeps(answer.content.decode(), {})
    before = world.counts()
    assert post(world, "article-comments", {"comment_post_ID": "\x00" * 100}).status_code == 303
    assert world.counts() != before


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/articles/nothing/comments/", 404),
        ("/articles/the-ferry-that-waits%00/comments/", 404),
        ("/embed/cm_pk_unknown/comments?url=https://news.example/first", 404),
        ("/embed/{key}/comments?url=https://elsewhere.example/", 403),
        ("/embed/{key}/comments?url=javascript:alert(1)", 400),
        ("/embed/{key}/comments?url=https://news.example/%00", 400),
        ("/embed/{key}/comments?url=https://[::1", 400),
        ("/embed/{key}/comments", 400),
    ],
)
def test_the_text_survives_an_address_that_takes_none(path: str, status: int, world: World) -> None:
    answer = Client().post(path.format(key=world.public.key), TYPED, headers={"Accept": "text/html"})
    assert answer.status_code == status
    text = answer.content.decode()
    assert "Worth keeping.</textarea>" in text or ("%00/comments" in path and "Back button" in text)
    if path.startswith("/embed/cm_pk_unknown"):  # the key ended while the form stood open in a frame
        assert "frame-ancestors *" in answer["Content-Security-Policy"]
        assert "X-Frame-Options" not in answer


@pytest.mark.parametrize(
    "query",
    [
        *("replyto=%00", "replyto=" + "9" * 5000, "before=x&after=y", "unapproved=1&view=%00", "view=%FF"),
        *(
            "unapproved={}&view=" + "x" * 5000,
            "replyto[]=1",
            "before=" + "f" * 32,
            "waited=1&unapproved=urn:uuid:",
        ),
    ],
)
def test_a_page_is_shown_whatever_stands_in_its_address(query: str, world: World) -> None:
    assert Client().get(f"{PATH}?{query}").status_code in (200, 403, 404)
    frame = f"/embed/{world.public.key}/thread?url={PAGE}&theme=%00&title=%00{'x' * 3000}&{query}"
    assert Client().get(frame).status_code in (200, 403, 404)


def test_junk_in_cookies_harms_nobody(world: World) -> None:
    junk = ["=;;=\x7f", "comment_author=%00%FF", "session=" + "x" * 5000, '"\\', "a" * 8000]
    for cookie in junk:
        assert Client().get(PATH, headers={"Cookie": cookie}).status_code == 200
        assert Client().get("/admin/login/", headers={"Cookie": cookie}).status_code == 200
