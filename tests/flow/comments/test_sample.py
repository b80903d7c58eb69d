"""A few published comments are drawn for a person's look, and readers never notice."""

from uuid import UUID

import pytest

from moderation.domain.errors import ActionNotPossible
from moderation.domain.queues import SAMPLE_QUEUE
from moderation.domain.status import Action, Status
from moderation.flow import jobs
from moderation.flow.comments.decide import Choice, decide, undo
from moderation.flow.comments.screen import screen_due
from moderation.flow.jobs.kinds import SCREEN
from moderation.flow.notify import NOTIFY
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import change_policy
from moderation.models import Comment, Decision, ReviewItem, Site, Thread
from moderation.privacy import hashes, vault
from moderation.queries.desk import access_dossier, held_page
from tests.builders import build_moderator, build_site, person, submit_screened

pytestmark = pytest.mark.django_db

# All queues of what readers do not see.
HELD = ""
LINKED = "Look at https://shop.example/cheap for more of this."


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.fixture
def everything_is_drawn(monkeypatch: pytest.MonkeyPatch, nothing_is_drawn: None) -> None:
    monkeypatch.setattr(vault, "draw_number", lambda *_, **__: 0.0)


def waiting(site: Site, queue: str = SAMPLE_QUEUE) -> list[UUID]:
    return [row.comment.id for row in held_page([site.id], queue=queue).rows]


def state_of(comment: Comment) -> tuple[str, int]:
    comment.refresh_from_db()
    return comment.status, Thread.objects.get(id=comment.thread_id).version


@pytest.mark.usefixtures("everything_is_drawn")
class TestDrawn:
    """What becomes of a comment on which the draw fell."""

    def test_it_is_published_as_others_are_and_waits_for_a_look(self, site: Site) -> None:
        comment = submit_screened(site)
        assert state_of(comment) == (Status.PUBLISHED, 2)
        assert waiting(site) == [comment.id]
        assert waiting(site, HELD) == []
        assert access_dossier([site.id], comment.id).row.is_sample

    def test_what_is_held_is_no_sample(self, site: Site) -> None:
        comment = submit_screened(site, LINKED)
        assert comment.status == Status.HELD
        assert (waiting(site), waiting(site, HELD)) == ([], [comment.id])

    def test_a_site_may_do_without(self, site: Site) -> None:
        change_policy(site.id, actor=SYSTEM, settings={"sample_percent": 0})
        submit_screened(site)
        assert waiting(site) == []

    def test_finding_it_right_is_a_decision_that_no_reader_sees(self, site: Site) -> None:
        comment = submit_screened(site)
        before = state_of(comment)
        actor = person(build_moderator([site]))
        decision = decide(
            Choice(comment.id, comment.version),
            site_id=site.id,
            action=Action.APPROVE,
            reason="fine",
            actor=actor,
        )
        assert state_of(comment) == before
        assert waiting(site) == []
        assert (decision.from_status, decision.to_status) == (Status.PUBLISHED, Status.PUBLISHED)
        assert comment.version == decision.comment_version
        assert comment.is_decided_by_person
        with pytest.raises(ActionNotPossible):
            decide(Choice(comment.id), site_id=site.id, action=Action.APPROVE, reason="fine", actor=actor)

    @pytest.mark.parametrize("action", [Action.APPROVE, Action.REJECT, Action.SPAM, Action.HOLD])
    def test_an_undone_decision_brings_it_back_among_the_samples(self, site: Site, action: Action) -> None:
        comment = submit_screened(site)
        actor = person(build_moderator([site]))
        decision = decide(Choice(comment.id), site_id=site.id, action=action, reason="rules", actor=actor)
        assert waiting(site) == []
        undo(decision.id, site_id=site.id, actor=actor)
        assert waiting(site) == [comment.id]
        assert waiting(site, HELD) == []
        assert state_of(comment)[0] == Status.PUBLISHED
        assert Decision.objects.get(reverses=decision).to_status == Status.PUBLISHED

    def test_one_that_a_person_has_found_right_does_not_come_back_when_a_later_decision_is_undone(
        self, site: Site
    ) -> None:
        comment = submit_screened(site)
        actor = person(build_moderator([site]))
        for action in (Action.APPROVE, Action.REJECT):
            decision = decide(Choice(comment.id), site_id=site.id, action=action, reason="rules", actor=actor)
        undo(decision.id, site_id=site.id, actor=actor)
        assert state_of(comment)[0] == Status.PUBLISHED
        assert waiting(site) == []

    def test_held_again_it_waits_in_the_queue_of_what_readers_do_not_see(self, site: Site) -> None:
        comment = submit_screened(site)
        actor = person(build_moderator([site]))
        decide(Choice(comment.id), site_id=site.id, action=Action.HOLD, reason="second_look", actor=actor)
        assert (waiting(site), waiting(site, HELD)) == ([], [comment.id])

    def test_screened_again_it_is_drawn_once(self, site: Site) -> None:
        comment = submit_screened(site)
        jobs.enqueue(SCREEN, [(site.id, comment.id)])
        screen_due(runner="run_jobs")
        assert ReviewItem.objects.filter(comment=comment).count() == 1

    def test_moderators_are_not_told_of_samples_as_of_held_ones(self, site: Site) -> None:
        submit_screened(site)
        assert not jobs.claim(NOTIFY)


def test_a_published_comment_that_was_not_drawn_cannot_be_approved_again(site: Site) -> None:
    comment = submit_screened(site)
    with pytest.raises(ActionNotPossible):
        decide(
            Choice(comment.id),
            site_id=site.id,
            action=Action.APPROVE,
            reason="fine",
            actor=person(build_moderator([site])),
        )


def test_the_draw_is_fair_keyed_and_always_the_same() -> None:
    keys, site = (bytes(32), bytes([1] * 32)), UUID(int=7)
    drawn = [
        hashes.draw_number("sample", UUID(int=number).bytes, master=keys[0], site_id=site)
        for number in range(4000)
    ]
    assert 0.02 < sum(number < 0.03 for number in drawn) / len(drawn) < 0.04
    assert drawn[5] == hashes.draw_number("sample", UUID(int=5).bytes, master=keys[0], site_id=site)
    assert drawn[5] != hashes.draw_number("sample", UUID(int=5).bytes, master=keys[1], site_id=site)
    assert 0 <= min(drawn) <= max(drawn) < 1


def test_one_in_a_hundred_is_drawn_where_the_site_says_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, expected in ((0.0099, 1), (0.0101, 1)):
        monkeypatch.setattr(vault, "draw_number", lambda *_, drawn=number, **__: drawn)
        submit_screened(site, f"A calm remark, number {number}.", email=f"r{number}@reader.example")
        assert len(waiting(site)) == expected
