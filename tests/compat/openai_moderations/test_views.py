"""`POST /v1/moderations` as OpenAI's clients call it."""

import json
import logging

import pytest
from django.db import OperationalError
from pytest_django import DjangoAssertNumQueries

from moderation.compat.openai_moderations.categories import Category
from moderation.compat.shapes import shape_refusal
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import change_policy, create_key, revoke_key
from moderation.models import Comment, Site
from moderation.models.key import KeyKind, Scope
from tests.builders import build_site
from tests.compat.mutations import RecordedRequest, assert_unbroken, load_pairs, mutants
from tests.compat.openai_moderations.asking import (
    PATH,
    RECORDED,
    ask,
    is_error,
    is_own_shape,
    is_result,
    make_score_key,
)

pytestmark = pytest.mark.django_db
THREAT = "You are a stupid idiot and I will find you and kill you."
PAIRS = load_pairs(RECORDED)


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.fixture
def key(site: Site) -> str:
    return make_score_key(site)


@pytest.mark.parametrize("pair", PAIRS, ids=[pair.name for pair in PAIRS])
def test_a_recorded_request_is_answered_as_openai_would(pair, key: str):
    reply = ask("sk-wrong" if "wrong" in pair.name else key, pair.request.body)
    assert reply.status == pair.status
    if pair.status != 200:
        theirs = pair.response["error"]
        assert {name: reply.error[name] for name in ("type", "param", "code")} == {
            name: theirs[name] for name in ("type", "param", "code")
        }
        return
    assert reply.body["id"].startswith("modr-")
    assert reply.body["model"] == pair.response["model"]
    assert len(reply.body["results"]) == len(pair.response["results"])
    for ours, theirs in zip(reply.body["results"], pair.response["results"], strict=True):
        assert is_result(ours)
        assert set(theirs) <= set(ours)
        assert ours["flagged"] == theirs["flagged"]


def test_a_list_has_a_result_for_each_text_in_its_order(key: str):
    reply = ask(key, {"input": ["Nice.", THREAT, "Nice."]})
    assert [result["flagged"] for result in reply.body["results"]] == [False, True, False]


def test_our_own_keys_say_where_why_and_by_which_policy(key: str):
    result = ask(key, {"input": THREAT}).result
    assert {span["code"] for span in result["spans"]} >= {"wordlist.threat"}
    assert all(reason["says"] for reason in result["reasons"])
    assert result["policy"] == {"version": 1, "outcome": "hold", "scores": "1"}


def test_nothing_is_stored_and_a_known_key_asks_no_database(
    key: str, settings, django_assert_num_queries: DjangoAssertNumQueries
):
    settings.KEY_MEMORY_S = 60.0
    ask(key, {"input": THREAT})
    with django_assert_num_queries(0):
        assert ask(key, {"input": THREAT}).status == 200
    assert Comment.objects.count() == 0


def test_the_key_decides_whose_policy_judges(site: Site, key: str):
    other = build_site("The Other Paper", host="other.example")
    change_policy(
        other.id, settings={"abuse_hold_at": 1000.0, "hold_at": 5.0}, lists={}, actor=SYSTEM, seen_version=1
    )
    assert ask(key, {"input": THREAT}).result["flagged"] is True
    assert ask(make_score_key(other), {"input": THREAT}).result["flagged"] is False


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc"])
def test_a_missing_key_is_refused(header: str):
    request = RecordedRequest("POST", PATH, headers={"Authorization": header}, body=b'{"input": "x"}')
    assert assert_unbroken(request, is_own_shape).status == 401


def test_wrong_and_revoked_keys_are_refused_alike(site: Site):
    made = create_key(site.id, KeyKind.SECRET, scopes=[Scope.SCORE], actor=SYSTEM)
    assert ask(made.plain, {"input": "x"}).status == 200
    revoke_key(made.key.id, site_id=site.id, actor=SYSTEM)
    revoked, wrong = ask(made.plain, {"input": "x"}), ask("sk-123", {"input": "x"})
    assert revoked == wrong
    assert (wrong.status, wrong.error["code"]) == (401, "invalid_api_key")


def test_a_public_key_may_not_score(site: Site):
    public = create_key(site.id, KeyKind.PUBLIC, actor=SYSTEM).plain
    reply = ask(public, {"input": "x"})
    assert (reply.status, reply.error["code"]) == (403, "insufficient_permissions")


def test_a_key_has_a_minute_of_its_own_where_calls_are_limited(site: Site, key: str, settings):
    settings.SCORE_CALLS_PER_MINUTE = 2
    assert [ask(key, {"input": "x"}).status for _ in range(2)] == [200, 200]
    late = ask(key, {"input": "x"})
    assert (late.status, late.error["code"], late.error["type"]) == (429, "rate_limit_exceeded", "requests")
    assert ask(make_score_key(site), {"input": "x"}).status == 200


def test_a_key_is_asked_for_before_the_body_is_read():
    assert ask("sk-123", b"{").status == 401


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_refused(key: str, method: str):
    reply = ask(key, {"input": "x"}, method=method)
    assert (reply.status, reply.error["code"]) == (405, "method_not_supported")


def test_another_address_below_is_not_found(key: str):
    reply = ask(key, {"input": "x"}, path=f"{PATH}/xyz")
    assert (reply.status, reply.error["code"]) == (404, "unknown_url")


def test_a_slash_at_the_end_does_not_matter(key: str):
    assert ask(key, {"input": "x"}, path=f"{PATH}/").status == 200


def test_a_body_that_is_too_long_is_refused(key: str):
    reply = ask(key, b'{"input": "' + b"a" * 140_000 + b'"}')
    assert (reply.status, reply.error["code"]) == (413, "too_large")


def test_every_category_is_named_once():
    assert len(set(Category)) == 13


def test_no_key_gets_into_the_log(key: str, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    ask(key, {"input": "x"})
    ask(f"{key}x", {"input": "x"})
    ask(key, {"input": []}, path=f"{PATH}/xyz")
    secret = key.split("_", 3)[3]
    assert secret not in caplog.text


def test_the_shells_refusals_have_openais_shape():
    shaped = shape_refusal(PATH, status=503, code="busy", detail="Too many requests at once.")
    assert shaped is not None
    error = json.loads(shaped.body)
    assert is_error(error)
    assert (error["error"]["type"], error["error"]["code"]) == ("server_error", "busy")


def test_without_a_database_it_is_unavailable_for_a_moment(monkeypatch: pytest.MonkeyPatch):
    def fail(text: str) -> None:
        raise OperationalError

    monkeypatch.setattr("moderation.compat.openai_moderations.views.find_caller", fail)
    reply = ask("sk-123", {"input": "x"})
    assert (reply.status, reply.error["type"]) == (503, "server_error")


@pytest.mark.fuzz
@pytest.mark.parametrize("name", [pair.name for pair in PAIRS])
def test_mutants_break_nothing(name: str, key: str):
    (pair,) = [each for each in load_pairs(RECORDED, key=key) if each.name == name]
    answered = 0
    for mutant in mutants([pair], seed=11, count=2000):
        answered += assert_unbroken(mutant, is_own_shape).status == 200
    assert answered or pair.status != 200
