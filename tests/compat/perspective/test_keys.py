"""Keys: how they are sent, whose they are, how soon a revoked one ends, and that no log has them."""

import io
from functools import cache

import pytest
from django.db import OperationalError
from django.db.models.functions import Now
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from moderation.clients.rates import LocalRates
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import create_key, revoke_key
from moderation.models import Comment, Site, SiteKey
from moderation.models.key import KeyKind, Scope
from moderation.queries.keys import find_key
from tests.builders import build_site
from tests.compat.perspective.calls import ANALYZE, INSULT, analyze, key_for, refusal_of, value_of
from tests.compat.wire import WireAnswer, call
from tests.rules import line, make_rule, rule_text

pytestmark = pytest.mark.django_db

WRONG = (400, "INVALID_ARGUMENT", "API_KEY_INVALID")
BODY = {"comment": {"text": INSULT}, "requestedAttributes": {"TOXICITY": {}}}


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.mark.parametrize(
    "send",
    [
        lambda key: call("POST", ANALYZE, BODY, query=f"key={key}"),
        lambda key: call("POST", ANALYZE, BODY, headers={"X-Goog-Api-Key": key}),
        lambda key: call("POST", ANALYZE, BODY, headers={"Authorization": f"Bearer {key}"}),
        lambda key: call("POST", ANALYZE, BODY, query=f"alt=json&key={key}&prettyPrint=false", kind=""),
        lambda key: call("POST", ANALYZE, BODY, query=f"key={key}", kind="text/plain;charset=UTF-8"),
    ],
)
def test_a_key_may_be_sent_in_any_of_the_usual_ways(send, site: Site) -> None:
    assert value_of(send(key_for(site))) > 0.8
    assert refusal_of(send("cm_sk_x_y")) == WRONG


def test_a_missing_key_and_a_public_key_are_refused(site: Site) -> None:
    assert refusal_of(call("POST", ANALYZE, BODY))[:2] == (403, "PERMISSION_DENIED")
    public = create_key(site.id, KeyKind.PUBLIC, actor=SYSTEM).plain
    assert refusal_of(analyze(public))[:2] == (403, "PERMISSION_DENIED")


def test_a_wrong_key_is_refused_before_the_body_is_read(site: Site) -> None:
    for wrong in ("nonsense", key_for(site)[:-1], "\x00", "ß"):
        assert refusal_of(call("POST", ANALYZE, b"{", headers={"X-Goog-Api-Key": wrong})) == WRONG


def test_the_key_decides_whose_rules_count(site: Site) -> None:
    other = build_site("The Other Paper", host="other.example")
    make_rule(other, rule_text(line("body", "word", "heron"), action="reject"))

    def ours(key: str) -> float:
        return value_of(analyze(key, "A heron stood there.", "SITE_POLICY"), "SITE_POLICY")

    assert ours(key_for(other)) > 0.8
    assert ours(key_for(site)) < 0.5


def test_no_row_is_touched_while_key_and_site_are_in_memory(
    site: Site, remembering: list[float], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    key = key_for(site)
    assert analyze(key).status == 200
    remembering[0] += 0.9
    with django_assert_num_queries(0):
        answer = analyze(key, spanAnnotations=True, doNotStore=True)
    assert value_of(answer) > 0.8


def test_nothing_is_stored_whatever_the_key_may_do(site: Site) -> None:
    for do_not_store in (True, False):
        assert analyze(key_for(site, *Scope), doNotStore=do_not_store).status == 200
    assert Comment.objects.count() == 0


def test_a_key_that_another_process_revoked_ends_within_a_second(
    site: Site, remembering: list[float]
) -> None:
    key = key_for(site)
    assert analyze(key).status == 200
    SiteKey.objects.update(revoked_at=Now())
    remembering[0] += 1.0
    assert refusal_of(analyze(key)) == WRONG


def test_a_key_that_used_up_its_minute_waits_and_another_does_not(
    site: Site, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SCORE_CALLS_PER_MINUTE = 2
    monkeypatch.setattr("moderation.compat.quota.get_rates", cache(LocalRates))
    key, other = key_for(site), key_for(site)
    assert [analyze(key).status for _ in range(3)] == [200, 200, 429]
    answer = analyze(key)
    assert refusal_of(answer) == (429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert analyze(other).status == 200


def test_a_revoked_key_looks_like_a_wrong_one(site: Site) -> None:
    key = key_for(site)
    row = find_key(key)
    assert row is not None
    revoke_key(row.id, site_id=site.id, actor=SYSTEM)
    assert analyze(key).raw == analyze("nonsense").raw


def test_no_log_has_a_key(site: Site, written: io.StringIO) -> None:
    key = key_for(site)
    revoked = key_for(site)
    row = find_key(revoked)
    assert row is not None
    revoke_key(row.id, site_id=site.id, actor=SYSTEM)
    for sent in (key, revoked, f"{key}x"):
        answers: list[WireAnswer] = [
            analyze(sent),
            analyze(sent, comment={}),
            call("POST", ANALYZE, b"{", query=f"key={sent}", headers={"Host": f"{sent}.rest.example"}),
            call("GET", "/v1alpha1/nothing", query=f"key={sent}", headers={"X-Goog-Api-Key": sent}),
            call("GET", "/$discovery/rest", query=f"version=v2&key={sent}"),
        ]
        assert {400, 404} <= {answer.status for answer in answers}
        assert all(sent.encode() not in answer.raw for answer in answers)
    assert "Bad Request" in written.getvalue()
    for sent in (key, revoked):
        assert sent.split("_", 3)[3] not in written.getvalue()
    assert "key=" not in written.getvalue()


def test_while_the_database_is_away_unknown_keys_wait(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(text: str) -> None:
        raise OperationalError

    monkeypatch.setattr("moderation.compat.perspective.views.find_caller", fail)
    answer = analyze("any")
    assert (answer.status, answer.body["error"]["status"]) == (503, "UNAVAILABLE")
    assert answer.headers["retry-after"] == "1"


def test_a_failure_of_ours_is_told_in_the_same_shape_and_logs_no_key(
    site: Site, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("broken")

    key = key_for(site)
    monkeypatch.setattr("moderation.compat.perspective.views.analyse_whole", fail)
    answer = analyze(key)
    assert (answer.status, answer.body["error"]["status"]) == (500, "INTERNAL")
    assert "RuntimeError" in written.getvalue()
    assert key not in written.getvalue()
