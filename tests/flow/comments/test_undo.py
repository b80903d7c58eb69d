"""What was decided in one go is taken back in one go, except for what changed since."""

from uuid import UUID

import pytest

from moderation.domain.errors import ActionNotPossible, NotFound
from moderation.domain.status import Action, Status
from moderation.flow.comments.decide import Choice, Decided, decide, decide_many
from moderation.flow.comments.undo import undo_batch
from moderation.lib.uuid7 import uuid7
from moderation.models import AuditEvent, Comment, ReviewItem, Site
from tests.builders import LINKED, build_moderator, build_site, person, submit, submit_screened

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return build_site()


def hold(site: Site, number: int) -> list[Comment]:
    return [submit_screened(site, LINKED[n], email=f"r{n}@reader.example") for n in range(number)]


def refused(results: list[Decided]) -> list[bool]:
    return [result.refusal is not None for result in results]


def test_a_batch_goes_back_to_the_queue(site: Site) -> None:
    actor = person(build_moderator([site]))
    held = hold(site, 3)
    batch = uuid7()
    choices = [Choice(comment.id, comment.version) for comment in held]
    decide_many(choices, site_id=site.id, action=Action.SPAM, reason="spam", actor=actor, batch_id=batch)
    assert not ReviewItem.objects.filter(closed_at__isnull=True).exists()
    results = undo_batch(batch, site_id=site.id, actor=actor)
    assert refused(results) == [False] * 3
    assert set(Comment.objects.values_list("status", flat=True)) == {Status.HELD}
    assert ReviewItem.objects.filter(closed_at__isnull=True).count() == 3
    assert AuditEvent.objects.filter(kind="comment.restore").count() == 3
    assert set(Comment.objects.values_list("author__spam_count", flat=True)) == {0}


def test_what_changed_since_stays_and_the_others_go_back(site: Site) -> None:
    actor = person(build_moderator([site]))
    first, second = hold(site, 2)
    batch = uuid7()
    choices = [Choice(first.id), Choice(second.id)]
    decide_many(choices, site_id=site.id, action=Action.REJECT, reason="rules", actor=actor, batch_id=batch)
    decide(Choice(first.id), site_id=site.id, action=Action.APPROVE, reason="fine", actor=actor)
    results = {result.comment_id: result for result in undo_batch(batch, site_id=site.id, actor=actor)}
    assert isinstance(results[first.id].refusal, ActionNotPossible)
    assert results[second.id].refusal is None
    assert dict(Comment.objects.values_list("id", "status")) == {
        first.id: Status.PUBLISHED,
        second.id: Status.HELD,
    }


def test_one_that_was_said_again_does_not_keep_the_others(site: Site) -> None:
    actor = person(build_moderator([site]))
    gone, other = hold(site, 2)
    batch = uuid7()
    choices = [Choice(gone.id), Choice(other.id)]
    decide_many(choices, site_id=site.id, action=Action.DELETE, reason="rules", actor=actor, batch_id=batch)
    submit(site, LINKED[0], email="r0@reader.example")
    results = {result.comment_id: result for result in undo_batch(batch, site_id=site.id, actor=actor)}
    assert isinstance(results[gone.id].refusal, ActionNotPossible)
    assert results[other.id].refusal is None
    gone.refresh_from_db()
    other.refresh_from_db()
    assert (gone.status, other.status) == (Status.DELETED, Status.HELD)


def test_a_batch_cannot_be_taken_back_twice(site: Site) -> None:
    actor = person(build_moderator([site]))
    (comment,) = hold(site, 1)
    batch = uuid7()
    decide_many(
        [Choice(comment.id)], site_id=site.id, action=Action.SPAM, reason="spam", actor=actor, batch_id=batch
    )
    undo_batch(batch, site_id=site.id, actor=actor)
    assert refused(undo_batch(batch, site_id=site.id, actor=actor)) == [True]


def test_another_sites_batch_is_not_there(site: Site) -> None:
    actor = person(build_moderator([site]))
    (comment,) = hold(site, 1)
    batch = uuid7()
    decide_many(
        [Choice(comment.id)], site_id=site.id, action=Action.SPAM, reason="spam", actor=actor, batch_id=batch
    )
    other = build_site("Other", host="other.example")
    for unknown in (batch, uuid7()):
        with pytest.raises(NotFound):
            undo_batch(unknown, site_id=other.id, actor=actor)
    comment.refresh_from_db()
    assert comment.status == Status.SPAM


@pytest.mark.parametrize("number", [0, 2**128 - 1])
def test_an_impossible_batch_is_not_there(site: Site, number: int) -> None:
    with pytest.raises(NotFound):
        undo_batch(UUID(int=number), site_id=site.id, actor=person(build_moderator([site])))
