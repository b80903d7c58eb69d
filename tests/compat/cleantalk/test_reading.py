"""What CleanTalk's clients send, in all its spellings."""

import json
from typing import Any

import pytest

from moderation.compat.cleantalk.reading import (
    MOST_FEEDBACK,
    CleanTalkRefused,
    Feedback,
    Method,
    read_check,
    read_feedback,
    read_fields,
    read_method,
)

FULL: dict[str, Any] = {
    "message": "Well observed.",
    "sender_nickname": "Ada",
    "sender_email": "ada@example.org",
    "sender_ip": "203.0.113.7",
    "submit_time": 12,
    "js_on": 1,
    "post_info": json.dumps({"comment_type": "comment", "post_url": "https://news.example/first"}),
}


def test_a_check_is_read():
    asked = read_check(FULL)
    assert (asked.message, asked.nickname, asked.email) == ("Well observed.", "Ada", "ada@example.org")
    assert (asked.ip, asked.submit_time_s, asked.has_script) == ("203.0.113.7", 12.0, True)
    assert asked.page_urls == ("https://news.example/first",)
    assert asked.is_public


def test_objects_may_come_as_they_are_or_as_json_in_json():
    inner = {"comment_type": "comment", "post_url": "https://news.example/first"}
    assert read_check(FULL | {"post_info": inner}) == read_check(FULL)
    sender = {"page_url": "https://news.example/a", "REFFERRER": "https://news.example/b"}
    asked = read_check({"sender_info": json.dumps(sender)})
    assert asked.page_urls == ("https://news.example/a", "https://news.example/b")


@pytest.mark.parametrize(
    "odd", [None, True, [], {}, 1e400, 10**400, float("nan"), "\ud800", "x" * 5000, "[[["]
)
@pytest.mark.parametrize("name", [*FULL, "sender_info"])
def test_what_makes_no_sense_counts_as_not_sent(name: str, odd: Any):
    asked = read_check(FULL | {name: odd})
    assert isinstance(asked.message, str)
    assert asked.submit_time_s is None or asked.submit_time_s >= 0


@pytest.mark.parametrize(
    ("sent", "seconds"), [(0, 0.0), ("7", 7.0), ("", None), (-1, None), ("nan", None), ("1e999", None)]
)
def test_the_time_of_the_form_is_a_number_or_unknown(sent: Any, seconds: float | None):
    assert read_check(FULL | {"submit_time": sent}).submit_time_s == seconds


@pytest.mark.parametrize(
    ("sent", "has_script"), [(1, True), ("1", True), (0, False), ("0", False), (None, True)]
)
def test_without_script_is_only_what_says_so(sent: Any, has_script: bool):
    assert read_check(FULL | {"js_on": sent}).has_script is has_script


@pytest.mark.parametrize("kind", ["feedback_contact", "contact_form", "order", "Register"])
def test_other_kinds_of_messages_are_private(kind: str):
    assert not read_check(FULL | {"post_info": {"comment_type": kind}}).is_public


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b"9" * 5000])
def test_a_body_that_is_no_object_is_refused(body: bytes):
    with pytest.raises(CleanTalkRefused) as caught:
        read_fields(body)
    assert caught.value.errno == 1


def test_the_method_is_one_of_three():
    assert [read_method({"method_name": method.value}) for method in Method] == list(Method)
    for sent in (None, "spam_check", ["check_message"]):
        with pytest.raises(CleanTalkRefused) as caught:
            read_method({"method_name": sent})
        assert caught.value.errno == 3


def test_decisions_are_read_with_spaces_and_a_last_semicolon():
    ids = ["a" * 32, "b" * 32]
    assert read_feedback({"feedback": f" {ids[0]}:0 ; {ids[1]}:1;"}) == [
        Feedback(ids[0], is_spam=True),
        Feedback(ids[1], is_spam=False),
    ]
    assert read_feedback({"feedback": f"nonsense;{ids[0]}:2;{ids[1]}:1"}) == [Feedback(ids[1], is_spam=False)]


@pytest.mark.parametrize("sent", [None, "", ";", 7, ";".join(["ab:1"] * (MOST_FEEDBACK + 1))])
def test_no_decision_and_too_many_are_refused(sent: Any):
    if sent == 7:
        assert read_feedback({"feedback": sent}) == []
        return
    with pytest.raises(CleanTalkRefused) as caught:
        read_feedback({"feedback": sent})
    assert caught.value.errno == 4
