"""Comments that were decided elsewhere: one decision by a person, whatever the checks say."""

import pytest

from moderation.domain.errors import ActionNotPossible, InvalidFields, ThreadClosed
from moderation.domain.status import Action, Status
from moderation.flow.comments.decide import Choice, decide
from moderation.flow.comments.reported import submit_decided
from moderation.flow.jobs import claim_subject
from moderation.flow.jobs.kinds import SCREEN
from moderation.flow.record import Actor
from moderation.models import Comment, Decision, Job, Screening, Site
from tests.builders import build_moderator, build_site, build_submission, person, screen_all, submit

pytestmark = pytest.mark.django_db(transaction=True)

CALM = "A calm and reasonable remark."
INSULT = "You are a stupid worthless idiot and everybody hates you."


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.fixture
def actor(site: Site) -> Actor:
    return person(build_moderator([site]))


def by_people(comment: Comment) -> list[tuple[str, str, str]]:
    found = Decision.objects.filter(comment=comment, actor_kind="person").order_by("id")
    return list(found.values_list("action", "from_status", "to_status"))


@pytest.mark.parametrize(
    ("body", "action", "expected"),
    [
        (CALM, Action.APPROVE, ("approve", "published", "published")),
        (INSULT, Action.APPROVE, ("approve", "held", "published")),
        (CALM, Action.REJECT, ("reject", "screening", "rejected")),
        (CALM, Action.SPAM, ("spam", "screening", "spam")),
    ],
)
def test_the_decision_stands(
    site: Site, actor: Actor, body: str, action: Action, expected: tuple[str, str, str]
) -> None:
    submission = build_submission(site, body)
    accepted = submit_decided(submission, action=action, reason="fine", actor=actor)
    screen_all()
    comment = Comment.objects.get(id=accepted.comment_id)
    assert comment.status == expected[2]
    assert by_people(comment) == [expected]
    assert Screening.objects.filter(comment=comment).count() == 1
    assert not Job.objects.filter(kind="screen").exists()


def test_an_approval_is_checked_in_the_same_process(site: Site, actor: Actor) -> None:
    accepted = submit_decided(build_submission(site, CALM), action=Action.APPROVE, reason="fine", actor=actor)
    assert Screening.objects.get(comment_id=accepted.comment_id).runner == "web"


def test_a_repeated_call_confirms_once(site: Site, actor: Actor) -> None:
    for _ in range(2):
        submission = build_submission(site, CALM, idempotency_key="k")
        accepted = submit_decided(submission, action=Action.APPROVE, reason="fine", actor=actor)
    comment = Comment.objects.get(id=accepted.comment_id)
    assert by_people(comment) == [("approve", "published", "published")]


def test_a_call_that_was_broken_off_is_finished_by_the_next_one(site: Site, actor: Actor) -> None:
    submit(site, INSULT, idempotency_key="k")
    submission = build_submission(site, INSULT, idempotency_key="k")
    accepted = submit_decided(submission, action=Action.REJECT, reason="insult", actor=actor)
    screen_all()
    assert Comment.objects.get(id=accepted.comment_id).status == Status.REJECTED


def test_what_is_refused_stores_nothing(site: Site, actor: Actor) -> None:
    with pytest.raises(ActionNotPossible):
        submit_decided(build_submission(site), action=Action.REJECT, reason="no such reason", actor=actor)
    with pytest.raises(InvalidFields):
        submit_decided(build_submission(site, ""), action=Action.APPROVE, reason="fine", actor=actor)
    site.is_open = False
    with pytest.raises(ThreadClosed):
        submit_decided(build_submission(site), action=Action.APPROVE, reason="fine", actor=actor)
    assert Comment.objects.count() == 0


def test_a_person_at_the_desk_still_waits_for_the_checks(site: Site, actor: Actor) -> None:
    comment = submit(site)
    with pytest.raises(ActionNotPossible, match="still being screened"):
        decide(Choice(comment.id), site_id=site.id, action=Action.REJECT, reason="rules", actor=actor)


def test_one_job_is_leased_once(site: Site) -> None:
    first, second = submit(site), submit(site, "Another remark altogether.")
    lease = claim_subject(SCREEN, first.id)
    assert lease is not None
    assert (lease.subject_id, lease.attempts) == (first.id, 1)
    assert claim_subject(SCREEN, first.id) is None
    assert claim_subject(SCREEN, second.id) is not None
