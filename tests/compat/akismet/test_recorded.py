"""Recorded requests are answered as their clients expect, and thousands of broken ones without an error."""

from pathlib import Path

import pytest

from moderation.models import Comment, LateVerdict, SiteKey
from tests.compat.akismet.calls import KEY
from tests.compat.mutations import RecordedPair, assert_unbroken, load_pairs, mutants, send, shape_of
from tests.compat.wire import WireAnswer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("key")]

RECORDED = Path(__file__).parent / "recorded"
PAIRS = {pair.name: pair for pair in load_pairs(RECORDED, key=KEY)}
PLAIN, JSON = "text/plain; charset=utf-8", "application/json"
WORDS = {"true", "false", "valid", "invalid", "connected", "deactivated"}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS.keys())
def test_a_recorded_request_is_answered_as_its_client_expects(pair: RecordedPair) -> None:
    answer = send(pair.request)
    assert answer.status == pair.status
    if isinstance(pair.response, str):
        assert (answer.raw.decode(), answer.kind) == (pair.response, PLAIN)
    else:
        assert (shape_of(answer.body), answer.kind) == (shape_of(pair.response), JSON)
    assert ("x-akismet-debug-help" in answer.headers) is (pair.response == "invalid")


def test_a_wordpress_comment_is_stored_once_and_waits_for_a_late_verdict(key: SiteKey) -> None:
    first, again = send(PAIRS["wordpress_recheck"].request), send(PAIRS["wordpress_recheck"].request)
    assert first.headers["x-akismet-recheck-after"] == again.headers["x-akismet-recheck-after"] == "120"
    comment = Comment.objects.get()
    assert (comment.site_id, comment.thread.url) == (key.site_id, "https://news.example/first")
    assert comment.submitted_at.isoformat() == "2026-11-28T09:00:00+00:00"
    late = LateVerdict.objects.get()
    assert late.url == "https://news.example/wp-json/akismet/v1/webhook"
    assert late.details == {"comment_post_ID": "42", "comment_parent": "7"}


def is_own_shape(answer: WireAnswer) -> bool:
    if answer.kind == JSON:
        return answer.status == 200
    if answer.kind == "text/csv; charset=utf-8":
        return answer.raw.startswith(b"Active sites")
    word = answer.raw.decode()
    if answer.kind != PLAIN or not word or word.endswith("\n"):
        return False
    if word == "invalid":
        return "x-akismet-debug-help" in answer.headers and "x-akismet-guid" not in answer.headers
    if word in ("true", "false"):
        return "x-akismet-guid" in answer.headers and "x-akismet-debug-help" not in answer.headers
    return word in WORDS or word.startswith("Thanks ")


def try_mutants(name: str, count: int) -> set[str]:
    """The first words of all answers."""
    answers = [assert_unbroken(each, is_own_shape) for each in mutants([PAIRS[name]], seed=1, count=count)]
    return {answer.raw.decode()[:9] for answer in answers}


@pytest.mark.parametrize("name", PAIRS)
def test_a_few_broken_requests_are_answered_in_akismets_words(name: str) -> None:
    words = try_mutants(name, 25)
    assert "invalid" in words
    assert len(words) > 1 or PAIRS[name].response == "invalid"


@pytest.mark.fuzz
@pytest.mark.parametrize("name", PAIRS)
def test_two_thousand_broken_requests_are_answered_in_akismets_words(name: str) -> None:
    assert "invalid" in try_mutants(name, 2000)
