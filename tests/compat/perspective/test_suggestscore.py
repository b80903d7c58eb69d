"""`comments:suggestscore`: a suggested score is a decision, which the site's filter learns from."""

from pathlib import Path
from typing import Any

import pytest

from moderation.compat.perspective.names import NOT_SERVED
from moderation.compat.perspective.storing import OWN_THREAD
from moderation.domain.signals import Axis
from moderation.domain.status import Action, Status
from moderation.flow.comments.threads import ThreadRef, open_thread
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import change_site, change_thread
from moderation.models import AuditEvent, Comment, Decision, Job, ReviewItem, Site
from moderation.models.key import Scope
from moderation.queries.keys import find_key
from moderation.queries.training_examples import standing_decisions
from tests.builders import build_site, screen_all
from tests.compat.mutations import load_pairs, send
from tests.compat.perspective.calls import INSULT, analyze, key_for, refusal_of
from tests.compat.wire import WireAnswer, call

pytestmark = pytest.mark.django_db

SUGGEST = "/v1alpha1/comments:suggestscore"
CALM = "Thanks for the clear report on the ferry."
RECORDED = Path(__file__).parent / "recorded"


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.fixture
def key(site: Site) -> str:
    return key_for(site, Scope.SCORE, Scope.DECIDE)


def suggest(
    key: str, text: str = INSULT, value: float = 1, *, name: str = "TOXICITY", **fields: Any
) -> WireAnswer:
    body = {"comment": {"text": text}, "attributeScores": {name: {"summaryScore": {"value": value}}}}
    return call("POST", SUGGEST, body | fields, query=f"key={key}")


def on_page(url: str) -> dict[str, Any]:
    return {"entries": [{"text": f'{{"url": "{url}", "Coral_comment_id": "7"}}'}]}


def test_corals_request_is_answered_as_recorded(key: str, site: Site) -> None:
    (pair,) = (each for each in load_pairs(RECORDED, key=key) if each.name == "suggestscore_by_coral")
    answer = send(pair.request)
    assert (answer.status, answer.body) == (pair.status, pair.response)
    comment = Comment.objects.get()
    assert (comment.status, comment.thread.url) == (Status.REJECTED, "https://news.example/first")


def test_the_comments_of_a_page_are_in_one_thread(key: str) -> None:
    for number in range(2):
        url = f"https://news.example/story?id=3&commentID={number}#top"
        assert suggest(key, f"Fool number {number}.", context=on_page(url)).status == 200
    assert {comment.thread.url for comment in Comment.objects.all()} == {"https://news.example/story?id=3"}


def test_the_decision_is_the_keys_and_recorded_like_a_moderators(key: str, site: Site) -> None:
    assert suggest(key).status == 200
    comment, decision = Comment.objects.get(), Decision.objects.get()
    row = find_key(key)
    assert row is not None
    assert (comment.site, comment.status, comment.is_decided_by_person) == (site, Status.REJECTED, True)
    assert (decision.action, decision.reason, decision.actor_key_id) == (Action.REJECT, "rules", row.id)
    kinds = set(AuditEvent.objects.filter(subject_id=str(comment.id)).values_list("kind", flat=True))
    assert kinds == {"comment.submitted", "comment.reject"}


def test_the_sites_filter_gets_a_training_example_of_each_side(key: str, site: Site) -> None:
    suggest(key, INSULT, 1)
    suggest(key, CALM, 0)
    labels = [dict(each.labels) for each in standing_decisions(site.id, None)]
    assert labels == [{Axis.ABUSE: 1}, {Axis.ABUSE: 0, Axis.SPAM: 0}]
    assert Job.objects.filter(kind="learn", site=site).exists()


@pytest.mark.parametrize(
    ("name", "value", "action", "reason"),
    [
        ("TOXICITY", 1, "reject", "rules"),
        ("TOXICITY", 0, "approve", "fine"),
        ("TOXICITY", 0.49, "approve", "fine"),
        ("SEVERE_TOXICITY", 0.5, "reject", "rules"),
        ("SPAM", 0.9, "spam", "spam"),
        ("THREAT_EXPERIMENTAL", 1, "reject", "threat"),
        ("IDENTITY_ATTACK", 1, "reject", "hate"),
        ("INSULT", 1.0, "reject", "insult"),
        ("SEXUALLY_EXPLICIT", 1, "reject", "sexual"),
    ],
)
def test_the_score_decides(key: str, name: str, value: float, action: str, reason: str) -> None:
    assert suggest(key, value=value, name=name).status == 200
    decision = Decision.objects.get(actor_kind="person")
    assert (decision.action, decision.reason) == (action, reason)


def test_the_highest_span_counts_without_a_summary(key: str) -> None:
    spans = [{"begin": 0, "end": 3, "score": {"value": value}} for value in (0.1, 0.8)]
    suggest(key, attributeScores={"TOXICITY": {"spanScores": spans}})
    assert Decision.objects.get().action == Action.REJECT


@pytest.mark.parametrize(("text", "value"), [(INSULT, 0), (INSULT, 1), (CALM, 0), (CALM, 1)])
def test_the_checks_say_what_they_found_and_change_nothing(key: str, text: str, value: float) -> None:
    suggest(key, text, value)
    screen_all()
    comment = Comment.objects.get()
    assert (comment.status, comment.screenings.count()) == ("rejected" if value else "published", 1)
    assert comment.is_decided_by_person
    assert not ReviewItem.objects.filter(closed_at=None).exists()


def test_a_repeated_call_stores_nothing(key: str) -> None:
    for _ in range(3):
        answer = suggest(key, clientToken="comment:7", communityId="Coral:https://talk.example")
        assert (answer.status, answer.body["clientToken"]) == (200, "comment:7")
    assert (Comment.objects.count(), Decision.objects.count()) == (1, 1)


def test_a_moderator_who_thinks_again_decides_again(key: str) -> None:
    for value in (1, 0, 1, 1):
        assert suggest(key, value=value, clientToken="comment:7").status == 200
    assert Comment.objects.get().status == Status.REJECTED
    assert list(Decision.objects.order_by("id").values_list("action", flat=True)) == [
        "reject",
        "approve",
        "reject",
    ]


def test_an_edited_comment_is_another_text(key: str) -> None:
    suggest(key, INSULT, 1, clientToken="comment:7")
    suggest(key, CALM, 0, clientToken="comment:7")
    assert sorted(Comment.objects.values_list("status", flat=True)) == ["published", "rejected"]


@pytest.mark.parametrize(
    "context",
    [
        {},
        on_page("https://elsewhere.example/a"),
        on_page("https://news.example.evil.example/"),
        on_page("x"),
        on_page("https://news.example:99999/"),
    ],
)
def test_without_a_page_of_the_sites_it_goes_to_a_thread_of_its_own(
    key: str, site: Site, context: dict[str, Any]
) -> None:
    change_site(site.id, {"is_open": False}, actor=SYSTEM)
    assert suggest(key, context=context).status == 200
    thread = Comment.objects.get().thread
    assert (thread.key, thread.url, thread.site) == (OWN_THREAD.key, "", site)
    site.refresh_from_db()
    assert site.is_open is False


def test_a_page_that_is_closed_keeps_its_comments(key: str, site: Site) -> None:
    closed = open_thread(site, ThreadRef(url="https://news.example/first"), anywhere=False)
    change_thread(closed.id, site_id=site.id, is_open=False, actor=SYSTEM)
    assert suggest(key, context=on_page("https://news.example/first")).status == 200
    assert Comment.objects.get().thread.key == OWN_THREAD.key


def test_the_key_decides_the_site(key: str, site: Site) -> None:
    other = build_site("The Other Paper", host="other.example")
    suggest(key, clientToken="comment:7", context=on_page("https://other.example/first"))
    suggest(key_for(other, Scope.DECIDE), value=0, clientToken="comment:7")
    assert Comment.objects.get(site=site).status == Status.REJECTED
    assert Comment.objects.get(site=other).status == Status.PUBLISHED
    assert Comment.objects.get(site=site).thread.key == OWN_THREAD.key


@pytest.mark.parametrize("scope", [Scope.SCORE, Scope.SUBMIT, Scope.READ])
def test_a_key_that_may_not_decide_is_refused(scope: Scope, site: Site) -> None:
    answer = suggest(key_for(site, scope))
    assert refusal_of(answer)[:2] == (403, "PERMISSION_DENIED")
    assert "decide" in answer.body["error"]["message"]
    assert Comment.objects.count() == 0
    assert analyze(key_for(site, scope)).status == 200


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"comment": {"text": ""}}, "COMMENT_EMPTY"),
        ({"comment": {"text": "\u200b"}}, "COMMENT_EMPTY"),
        ({"comment": {"text": "a" * 20_481}}, "COMMENT_TOO_LONG"),
        ({"comment": {"text": "a" * 10_001}}, "COMMENT_TOO_LONG"),
        ({"comment": {"text": "a\x00b"}}, "INVALID_REQUEST"),
        ({"attributeScores": {}}, "NO_REQUESTED_ATTRIBUTES"),
        ({"attributeScores": {"NICENESS": {"summaryScore": {"value": 1}}}}, "INVALID_REQUEST"),
        ({"attributeScores": {min(NOT_SERVED): {"summaryScore": {"value": 1}}}}, "INVALID_REQUEST"),
        ({"attributeScores": {"TOXICITY": {}}}, "INVALID_REQUEST"),
        ({"attributeScores": {"TOXICITY": 1}}, "INVALID_REQUEST"),
        ({"attributeScores": {"TOXICITY": {"summaryScore": {"value": 2}}}}, "INVALID_REQUEST"),
        ({"attributeScores": {"TOXICITY": {"spanScores": [1]}}}, "INVALID_REQUEST"),
    ],
)
def test_a_broken_rule_stores_nothing(key: str, fields: dict[str, Any], kind: str) -> None:
    assert refusal_of(suggest(key, **fields)) == (400, "INVALID_ARGUMENT", kind)
    assert Comment.objects.count() == 0


def test_a_deleted_comment_stays_deleted(key: str, site: Site) -> None:
    suggest(key, clientToken="comment:7")
    Comment.objects.update(status=Status.DELETED)
    answer = suggest(key, value=0, clientToken="comment:7")
    assert refusal_of(answer) == (400, "INVALID_ARGUMENT", "INVALID_REQUEST")
    assert Comment.objects.get().status == Status.DELETED
