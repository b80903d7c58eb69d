"""Hostile texts as data: taken or refused whole, given back to the letter, and in no mail as markup."""

import email
import email.policy
import re
from email.message import EmailMessage

import pytest
from django.contrib.auth.models import User

from moderation.flow.notify import build_mail
from moderation.lib.markup import TextFormat, render_body, render_plain
from moderation.models import Delivery, Site
from tests.xss.hostile import Hostile
from tests.xss.vectors import VECTORS, Vector

LEAST_VECTORS = 200
_TAGS = re.compile(r"</?([a-z0-9]+)((?:[^>\"]|\"[^\"]*\")*)>")
_WRITTEN = {"p", "br", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a", "s"}
_LINK = re.compile(r'^( href="https?://[^"<>]*")? rel="nofollow ugc noopener noreferrer"$')


def by_text(vector: Vector) -> str:
    return f"{vector.group}: {vector.text[:40]}".encode("ascii", "backslashreplace").decode()


def test_there_are_enough_and_each_is_its_own() -> None:
    assert len({vector.text for vector in VECTORS}) == len(VECTORS) >= LEAST_VECTORS
    assert len({vector.group for vector in VECTORS}) >= 10


def test_a_rendered_body_is_made_of_what_commenters_may_use() -> None:
    for vector in VECTORS:
        if vector.body is None:
            continue
        plain = render_body(vector.body, TextFormat.PLAIN)
        for rendered in (render_body(vector.body), plain, render_plain(vector.body)):
            assert "<" not in _TAGS.sub("", rendered), (vector, rendered)
            for tag, attributes in _TAGS.findall(rendered):
                assert tag in _WRITTEN, (vector, rendered)
                assert not attributes or (tag == "a" and _LINK.match(attributes)), (vector, rendered)


def test_a_website_is_taken_as_a_plain_web_address_or_refused() -> None:
    taken = [vector.website for vector in VECTORS if vector.website]
    assert taken
    for website in taken:
        assert re.fullmatch(r"https?://[a-z0-9.:-]+/[^\s\"'<>`\\]*", website), website
    refused = [vector for vector in VECTORS if vector.group == "urls" and not vector.website]
    assert len(refused) > 20


def test_a_mail_to_moderators_is_plain_text_with_its_own_headers_only() -> None:
    for vector in VECTORS:
        message = mail_about(vector.text)
        assert message.get_content_type() == "text/plain", vector
        assert not message.is_multipart()
        assert (message["To"], message["Bcc"], message["Cc"]) == ("mo@staff.example", None, None)
        assert "\n" not in str(message["Subject"])
        assert str(message["Subject"]).endswith("1 comment is waiting for you")
        assert message.get_all("Content-Type") == ['text/plain; charset="utf-8"']


def mail_about(name: str) -> EmailMessage:
    """The mail of a site of this name, as it would travel."""
    delivery = Delivery(
        site=Site(name=name, slug="news"), recipient=User(email="mo@staff.example"), data={"count": 1}
    )
    travelled = build_mail(delivery).message().as_bytes()
    return email.message_from_bytes(travelled, policy=email.policy.default)


@pytest.mark.slow
def test_the_api_gives_every_text_back_to_the_letter(hostile: Hostile) -> None:
    seen = set()
    with hostile.server("moderator_key") as server:
        after: dict[str, str] = {}
        while True:
            page = server.get("comments", params={"limit": "100", **after}).json()
            for comment in page["comments"]:
                vector = hostile.published.get(comment["id"]) or hostile.held.get(comment["id"])
                if vector is not None:
                    seen.add(comment["id"])
                    assert comment["body"] == vector.body
                    assert comment["author"]["name"] == (vector.name or "A reader")
                    assert (comment["author"]["website"] or "") == (vector.website or "")
            if page["next_after"] is None:
                break
            after = {"after": page["next_after"]}
    assert seen == hostile.published.keys() | hostile.held.keys()


@pytest.mark.slow
def test_the_api_refuses_the_others_and_repeats_none_of_them(hostile: Hostile) -> None:
    with hostile.server() as server:
        for vector in VECTORS:
            body = {
                "thread": {"url": f"{hostile.url}/never"},
                "name": vector.text,
                "website": vector.text,
                "email": vector.text,
                "body": vector.text,
            }
            answer = server.post("comments", json=body)
            assert answer.status_code == 400, vector
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert "__x" not in answer.text
