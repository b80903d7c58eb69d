"""A comment's whole life through the flow: stored, screened, decided, undone."""

import pytest

from moderation.domain.errors import (
    ActionNotPossible,
    Duplicate,
    Flood,
    IdempotencyMismatch,
    InvalidFields,
    NotFound,
    ParentNotPublished,
    StaleVersion,
    ThreadClosed,
    ThreadNotAllowed,
)
from moderation.domain.status import Action, Status
from moderation.flow.comments.decide import Choice, decide, decide_many, undo
from moderation.flow.comments.submit import submit_comment
from moderation.flow.comments.threads import ThreadRef
from moderation.models import (
    AuditEvent,
    Author,
    Comment,
    Contact,
    Decision,
    Job,
    ReviewItem,
    Screening,
    Site,
    Thread,
)
from tests.builders import (
    build_moderator,
    build_site,
    build_submission,
    person,
    screen_all,
    submit,
    submit_screened,
)

pytestmark = pytest.mark.django_db

LINKED = "They say the opposite in https://city.example/rents though."


@pytest.fixture
def site() -> Site:
    return build_site()


def test_a_clean_comment_is_published_with_its_thread_in_step(site: Site) -> None:
    comment = submit_screened(site)
    thread = Thread.objects.get(id=comment.thread_id)
    assert comment.status == Status.PUBLISHED
    assert comment.published_revision_id == comment.current_revision_id
    assert (thread.published_count, thread.version) == (1, 2)
    assert not Job.objects.filter(kind="screen").exists()
    assert Author.objects.get(id=comment.author_id).published_count == 1
    assert Screening.objects.get(comment=comment).runner == "run_jobs"


def test_a_first_comment_with_a_link_is_held_and_queued_once(site: Site) -> None:
    comment = submit_screened(site, LINKED)
    assert comment.status == Status.HELD
    assert ReviewItem.objects.filter(comment=comment, closed_at__isnull=True).count() == 1
    assert "links.first_link" in [r["code"] for r in Screening.objects.get(comment=comment).reasons]
    assert not Comment.objects.filter(status=Status.PUBLISHED).exists()


def test_nothing_is_stored_for_refused_fields(site: Site) -> None:
    with pytest.raises(InvalidFields) as refused:
        submit_comment(build_submission(site, "", email="nonsense"))
    assert {error.field for error in refused.value.errors} == {"body", "email"}
    assert not Comment.objects.exists()
    assert not Thread.objects.exists()


def test_the_same_words_by_the_same_author_are_refused_once_said(site: Site) -> None:
    submit(site)
    with pytest.raises(Duplicate):
        submit(site)
    submit(site, email="other@reader.example")
    submit(site, url="https://news.example/second")
    assert Comment.objects.count() == 3


def test_an_idempotency_key_gives_the_same_comment_again(site: Site) -> None:
    first = build_submission(site, idempotency_key="k1", request_hash=b"a" * 32)
    accepted = submit_comment(first)
    again = submit_comment(first)
    assert (again.comment_id, again.is_new) == (accepted.comment_id, False)
    with pytest.raises(IdempotencyMismatch):
        submit_comment(build_submission(site, "Other", idempotency_key="k1", request_hash=b"b" * 32))
    assert Comment.objects.count() == 1


def test_a_refused_duplicate_leaves_its_idempotency_key_unused(site: Site) -> None:
    submit(site)
    with pytest.raises(Duplicate):
        submit(site, idempotency_key="k2", request_hash=b"a" * 32)
    other = submit(site, "Something else.", idempotency_key="k2", request_hash=b"c" * 32)
    assert other.status == Status.SCREENING


def test_a_reader_who_posts_too_fast_is_told_to_wait(site: Site) -> None:
    for number in range(4):
        submit(site, f"Remark number {number}.", form_facts={"source": "form"}, ip="203.0.113.9")
    with pytest.raises(Flood) as refused:
        submit(site, "One too many.", form_facts={"source": "form"}, ip="203.0.113.9")
    assert 1 <= refused.value.retry_after_s <= 15
    with pytest.raises(Duplicate):
        submit(site, "Remark number 0.", form_facts={"source": "form"}, ip="203.0.113.9")


def test_replies_go_to_published_comments_of_the_same_thread_only(site: Site) -> None:
    parent = submit_screened(site)
    reply = submit_screened(site, "I agree with you.", parent_id=parent.id, email="bo@reader.example")
    assert (reply.root_id, reply.depth) == (parent.id, 1)
    held = submit_screened(site, LINKED)
    with pytest.raises(ParentNotPublished):
        submit(site, "Replying to the unseen.", parent_id=held.id)
    with pytest.raises(NotFound):
        submit(site, "Elsewhere.", parent_id=parent.id, url="https://news.example/second")


def test_closed_threads_and_foreign_pages_take_nothing(site: Site) -> None:
    with pytest.raises(ThreadNotAllowed):
        submit(site, thread=ThreadRef(url="https://evil.example/page"))
    allowed = submit(site, thread=ThreadRef(url="https://evil.example/page"), may_create_thread_anywhere=True)
    Thread.objects.filter(id=allowed.thread_id).update(is_open=False)
    with pytest.raises(ThreadClosed):
        submit(site, "More.", thread=ThreadRef(url="https://evil.example/page"))
    site.is_open = False
    with pytest.raises(ThreadClosed):
        submit(site, "More.")


def test_the_address_is_sealed_and_only_its_mask_is_kept(site: Site) -> None:
    comment = submit(site, email="Ada.Lovelace@Reader.Example")
    assert comment.email_mask.endswith("@reader.example")
    assert "ovelace" not in Contact.objects.get(comment=comment).sealed.lower()
    assert "ovelace" not in str(Comment.objects.filter(id=comment.id).values().get()).lower()


def test_a_moderator_approves_and_takes_it_back(site: Site) -> None:
    comment = submit_screened(site, LINKED)
    actor = person(build_moderator([site]))
    decision = decide(
        Choice(comment.id, comment.version),
        site_id=site.id,
        action=Action.APPROVE,
        reason="fine",
        actor=actor,
    )
    comment.refresh_from_db()
    assert (comment.status, comment.is_decided_by_person) == (Status.PUBLISHED, True)
    assert not ReviewItem.objects.filter(closed_at__isnull=True).exists()

    undone = undo(decision.id, site_id=site.id, actor=actor)
    comment.refresh_from_db()
    assert (comment.status, undone.reverses_id) == (Status.HELD, decision.id)
    assert ReviewItem.objects.filter(comment=comment, closed_at__isnull=True).count() == 1
    assert Thread.objects.get().published_count == 0
    with pytest.raises(ActionNotPossible):
        undo(decision.id, site_id=site.id, actor=actor)


def test_a_decision_on_an_old_version_is_refused_with_what_changed(site: Site) -> None:
    comment = submit_screened(site, LINKED)
    first, second = (person(build_moderator([site], name)) for name in ("one", "two"))
    seen = Choice(comment.id, comment.version)
    decide(seen, site_id=site.id, action=Action.SPAM, reason="spam", actor=first)
    with pytest.raises(StaleVersion) as refused:
        decide(seen, site_id=site.id, action=Action.APPROVE, reason="fine", actor=second)
    assert refused.value.status == Status.SPAM


def test_many_are_decided_together_and_each_refusal_stands_alone(site: Site) -> None:
    held = [submit_screened(site, f"{LINKED} {n}", email=f"r{n}@reader.example") for n in range(3)]
    foreign = submit_screened(build_site("Other", host="other.example"), url="https://other.example/a")
    results = decide_many(
        [*(Choice(c.id, c.version) for c in held[:2]), Choice(held[2].id, 99), Choice(foreign.id)],
        site_id=site.id,
        action=Action.REJECT,
        reason="off_topic",
        actor=person(build_moderator([site])),
    )
    assert [bool(r.decision) for r in results] == [True, True, False, False]
    assert isinstance(results[2].refusal, StaleVersion)
    assert isinstance(results[3].refusal, NotFound)


def test_every_change_of_status_has_a_decision_and_an_audit_event(site: Site) -> None:
    comment = submit_screened(site, LINKED)
    actor = person(build_moderator([site]))
    decide(Choice(comment.id), site_id=site.id, action=Action.REJECT, reason="insult", actor=actor)
    assert list(Decision.objects.order_by("id").values_list("action", flat=True)) == ["hold", "reject"]
    kinds = (
        AuditEvent.objects.filter(subject_id=str(comment.id)).order_by("id").values_list("kind", flat=True)
    )
    assert list(kinds) == ["comment.submitted", "comment.hold", "comment.reject"]


@pytest.mark.parametrize("action", [Action.APPROVE, Action.HOLD, Action.SPAM, Action.REJECT])
def test_nothing_is_decided_while_it_is_being_screened(site: Site, action: Action) -> None:
    comment = submit(site)
    with pytest.raises(ActionNotPossible):
        decide(
            Choice(comment.id),
            site_id=site.id,
            action=action,
            reason="fine",
            actor=person(build_moderator([site])),
        )


def test_what_is_deleted_while_screened_stays_deleted(site: Site) -> None:
    comment = submit(site)
    actor = person(build_moderator([site]))
    decision = decide(
        Choice(comment.id), site_id=site.id, action=Action.DELETE, reason="author_request", actor=actor
    )
    screen_all()
    comment.refresh_from_db()
    assert (comment.status, Screening.objects.count()) == (Status.DELETED, 0)
    undo(decision.id, site_id=site.id, actor=actor)
    comment.refresh_from_db()
    assert comment.status == Status.HELD


def test_a_delete_cannot_be_undone_once_the_same_was_said_again(site: Site) -> None:
    comment = submit_screened(site)
    actor = person(build_moderator([site]))
    decision = decide(
        Choice(comment.id), site_id=site.id, action=Action.DELETE, reason="author_request", actor=actor
    )
    submit_screened(site)
    with pytest.raises(ActionNotPossible):
        undo(decision.id, site_id=site.id, actor=actor)


def test_a_person_cannot_give_a_reason_of_the_machine(site: Site) -> None:
    comment = submit_screened(site, LINKED)
    with pytest.raises(ActionNotPossible):
        decide(
            Choice(comment.id),
            site_id=site.id,
            action=Action.REJECT,
            reason="verdict.spam",
            actor=person(build_moderator([site])),
        )


def test_an_unknown_decision_or_a_stale_look_cannot_be_undone(site: Site) -> None:
    comment = submit_screened(site, LINKED)
    actor = person(build_moderator([site]))
    decision = decide(Choice(comment.id), site_id=site.id, action=Action.SPAM, reason="spam", actor=actor)
    other = build_site("Other", host="other.example")
    with pytest.raises(NotFound):
        undo(decision.id, site_id=other.id, actor=actor)
    with pytest.raises(StaleVersion):
        undo(decision.id, site_id=site.id, actor=actor, seen_version=1)


def test_what_is_deleted_or_already_so_takes_no_further_decision(site: Site) -> None:
    comment = submit_screened(site)
    actor = person(build_moderator([site]))
    with pytest.raises(ActionNotPossible, match="already"):
        decide(Choice(comment.id), site_id=site.id, action=Action.APPROVE, reason="fine", actor=actor)
    decide(Choice(comment.id), site_id=site.id, action=Action.DELETE, reason="author_request", actor=actor)
    with pytest.raises(ActionNotPossible, match="deleted"):
        decide(Choice(comment.id), site_id=site.id, action=Action.APPROVE, reason="fine", actor=actor)


def test_a_site_that_asks_for_no_address_takes_comments_without_one() -> None:
    relaxed = build_site(requires_email=False)
    comment = submit_screened(relaxed, name="", email="")
    assert (comment.author_name, comment.email_mask) == ("Anonymous", "")
    assert not Contact.objects.exists()
