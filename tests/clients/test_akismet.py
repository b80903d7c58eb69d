"""The form that Akismet is sent, and every word that it may answer."""

from typing import Any
from urllib.parse import parse_qs

import pytest

from moderation.clients.akismet import Akismet
from moderation.clients.outside import Reply
from moderation.domain.remote import FIELDS, CallFailed, Failure, RemoteKind
from tests.clients.asking import KEY, build_question


def form(**changes: Any) -> dict[str, str]:
    request = Akismet().build_request(build_question(RemoteKind.AKISMET, **changes))
    assert request.url == "https://api.example/1.1/comment-check"
    sent = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
    assert {*request.fields, "api_key"} == set(sent)
    return sent


def test_it_is_sent_these_fields_and_no_address() -> None:
    assert form() == {
        "api_key": KEY,
        "blog": "https://news.example/",
        "user_ip": "203.0.113.0",
        "permalink": "https://news.example/first",
        "comment_type": "comment",
        "comment_author": "Ada Reader",
        "comment_author_url": "https://ada.example/",
        "comment_content": "A fine idea.",
        "comment_date_gmt": "2026-03-04T05:06:07+00:00",
        "blog_lang": "en, de",
        "blog_charset": "UTF-8",
    }


def test_addresses_and_the_test_mode_travel_only_where_the_site_says_so() -> None:
    more = form(sends_email=True, is_test=True, is_reply=True)
    assert more["comment_author_email"] == "ada@reader.example"
    assert more["is_test"] == "1"
    assert more["comment_type"] == "reply"


def test_the_page_lists_exactly_what_can_be_sent() -> None:
    everything = form(sends_email=True, is_test=True)
    assert {each.name for each in FIELDS[RemoteKind.AKISMET]} == set(everything) - {"api_key"}


def test_what_is_empty_is_not_sent() -> None:
    assert not {"comment_author_url", "permalink", "blog_lang"} & set(
        form(website="", page_url="", languages=())
    )


def test_lone_surrogates_and_other_scripts_travel() -> None:
    assert form(text="Привет & добро=пожаловать")["comment_content"] == "Привет & добро=пожаловать"
    assert form(text="a\ud800b")["comment_content"] == "a?b"


def test_without_a_network_it_is_not_asked() -> None:
    with pytest.raises(CallFailed) as caught:
        form(network="")
    assert caught.value.failure == Failure.INCOMPLETE


@pytest.mark.parametrize(
    ("body", "headers", "findings"),
    [
        (b"true", {}, {"spam": True, "discard": False}),
        (b"true\n", {}, {"spam": True, "discard": False}),
        (b"true", {"x-akismet-pro-tip": "discard"}, {"spam": True, "discard": True}),
        (b"false", {}, {"spam": False, "discard": False}),
        (b"false", {"x-akismet-pro-tip": "discard"}, {"spam": False, "discard": False}),
    ],
)
def test_its_words_are_understood(body: bytes, headers: dict[str, str], findings: dict[str, bool]) -> None:
    assert Akismet().read_reply(Reply(200, headers, body)) == findings


@pytest.mark.parametrize(
    ("status", "body", "failure"),
    [
        (200, b"invalid", Failure.UNAUTHORISED),
        (200, b"", Failure.BAD_ANSWER),
        (200, b"True", Failure.BAD_ANSWER),
        (200, b"<html>true</html>", Failure.BAD_ANSWER),
        (200, b"\xff\xfe", Failure.BAD_ANSWER),
        (500, b"true", Failure.BUSY),
        (302, b"false", Failure.BAD_ANSWER),
    ],
)
def test_anything_else_is_a_failure(status: int, body: bytes, failure: Failure) -> None:
    with pytest.raises(CallFailed) as caught:
        Akismet().read_reply(Reply(status, {}, body))
    assert caught.value.failure == failure


def test_no_representation_shows_the_key_or_the_address() -> None:
    question = build_question(RemoteKind.AKISMET)
    assert KEY not in repr(question)
    assert "ada@reader.example" not in repr(question)
