"""PyPI `cleantalk-python-antispam`, CleanTalk's own, by its argument for the server."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.foreign.service import CALM, SPAM, WRONG_SECRET, ForeignService, fresh

pytestmark = pytest.mark.foreign

Ask = Callable[..., dict[str, Any]]
ANSWERED = {"allow", "id", "comment", "stop_queue", "inactive"}


@pytest.fixture
def ask(clean_talk: Any) -> Ask:
    return partial(send, clean_talk)


def send(clean_talk: Any, service: ForeignService, key: str, message: str, **changes: Any) -> dict[str, Any]:
    """What the client makes of the answer about a comment on a page of the site."""
    client = clean_talk(auth_key=key, server_url=f"{service.url}/compat/cleantalk", connection_timeout=20)
    page = {"comment_type": "comment", "post_url": "https://news.example/roads"}
    sent = {
        "message": message,
        "example": "An article about roads.",
        "sender_ip": "203.0.113.9",
        "sender_email": "ada@reader.example",
        "sender_nickname": "Ada Reader",
        "submit_time": 20,
        "js_on": 1,
        "post_info": json.dumps(page),
    }
    answer: dict[str, Any] = client.request(**{**sent, **changes})
    return answer


def test_a_calm_comment_is_allowed_and_stored_under_the_id_of_the_answer(service: ForeignService, ask: Ask):
    text = fresh(CALM)
    answer = ask(service, service.secret, text)
    assert answer.keys() >= ANSWERED
    assert (answer["allow"], answer["stop_queue"]) == (1, 0)
    stored = service.stored(text)
    assert stored is not None
    assert stored["id"].replace("-", "") == answer["id"]
    assert stored["thread"]["url"] == "https://news.example/roads"
    assert service.stored(text, key=service.other_secret) is None


def test_advertising_is_not_allowed(service: ForeignService, ask: Ask):
    answer = ask(service, service.secret, fresh(SPAM))
    assert answer["allow"] == 0
    assert "FORBIDDEN" in answer["codes"]
    assert answer["comment"]


def test_a_registration_is_judged_and_not_stored(service: ForeignService, ask: Ask):
    text = fresh(CALM)
    answer = ask(service, service.secret, text, method_name="check_newuser")
    assert (answer["allow"], answer["inactive"]) == (1, 0)
    assert service.stored(text) is None


def test_a_key_that_only_scores_stores_nothing(service: ForeignService, ask: Ask):
    text = fresh(CALM)
    assert ask(service, service.score, text)["allow"] == 1
    assert service.stored(text) is None


@pytest.mark.parametrize("which", ["wrong", "revoked"])
def test_without_a_valid_key_nothing_is_allowed(service: ForeignService, ask: Ask, which: str):
    answer = ask(service, WRONG_SECRET if which == "wrong" else service.revoked, CALM)
    assert answer["allow"] == 0
    assert answer["errno"] == 2
    assert "key" in answer["comment"].lower()


def test_methods_that_the_client_cannot_fill_are_named_errors(service: ForeignService, ask: Ask):
    """It has no argument for the decisions of `send_feedback`; clients that have are tried elsewhere."""
    unknown = ask(service, service.secret, CALM, method_name="spam_check")
    assert (unknown["allow"], unknown["errno"]) == (0, 3)
    empty = ask(service, service.secret, CALM, method_name="send_feedback")
    assert (empty["allow"], empty["errno"]) == (0, 4)
