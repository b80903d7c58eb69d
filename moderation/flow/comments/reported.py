"""Comments that a site's own people decided elsewhere: stored with that decision on them."""

from uuid import UUID

from django.db import transaction

from moderation.domain.errors import NotFound
from moderation.domain.status import STATUS_AFTER, Action, Status
from moderation.flow import jobs
from moderation.flow.comments.decide import Choice, Ruling, apply_rulings, decide, lock_of_site
from moderation.flow.comments.screen import screen_batch
from moderation.flow.comments.submit import Accepted, Submission, submit_comment
from moderation.flow.jobs.kinds import SCREEN, WEB_RUNNER
from moderation.flow.record import Actor


def submit_decided(submission: Submission, *, action: Action, reason: str, actor: Actor) -> Accepted:
    """Store a comment with a decision on it. A repeated `idempotency_key` stores nothing; it decides again
    where the comment stands otherwise by now. Raises what `submit_comment` and `decide` raise.

    What is rejected is decided in the transaction that stores it, and never public. What is approved is
    checked first, in this process: the decision comes after the checks, which therefore do not question it.
    """
    if action != Action.APPROVE:
        return _store_refused(submission, action, reason, actor)
    accepted = _store_checked(submission)
    _approve(accepted.comment_id, submission.site.id, reason, actor)
    return accepted


def decide_reported(comment_id: UUID, *, site_id: UUID, action: Action, reason: str, actor: Actor) -> None:
    """Decide on a comment of the site that may still be in screening. Raises what `decide` raises.

    What is approved is checked first here, too. Where a worker has it at this very moment, its verdict may
    still put the comment into the queue.
    """
    if action != Action.APPROVE:
        _decide(comment_id, site_id, action, reason, actor)
        return
    lease = jobs.claim_subject(SCREEN, comment_id)
    if lease is not None:
        screen_batch([lease], WEB_RUNNER)
    _approve(comment_id, site_id, reason, actor)


@transaction.atomic
def _store_refused(submission: Submission, action: Action, reason: str, actor: Actor) -> Accepted:
    accepted = submit_comment(submission)
    if accepted.status != STATUS_AFTER[action]:
        _decide(accepted.comment_id, submission.site.id, action, reason, actor)
    return accepted


def _store_checked(submission: Submission) -> Accepted:
    """Leased by us before anybody can see the job, so that nobody else runs it."""
    with transaction.atomic():
        accepted = submit_comment(submission)
        lease = jobs.claim_subject(SCREEN, accepted.comment_id) if accepted.is_new else None
    if lease is not None:
        screen_batch([lease], WEB_RUNNER)
    return accepted


@transaction.atomic
def _approve(comment_id: UUID, site_id: UUID, reason: str, actor: Actor) -> None:
    """Approve, or confirm what the checks published."""
    comment = lock_of_site([comment_id], site_id).get(comment_id)
    if comment is None:
        raise NotFound
    if comment.status != Status.PUBLISHED:
        _decide(comment_id, site_id, Action.APPROVE, reason, actor)
    elif not comment.is_decided_by_person:
        ruling = Ruling(
            comment_id=comment_id,
            to_status=Status.PUBLISHED,
            action=Action.APPROVE,
            reason=reason,
            confirms=True,
        )
        apply_rulings([ruling], {comment_id: comment}, actor=actor)


def _decide(comment_id: UUID, site_id: UUID, action: Action, reason: str, actor: Actor) -> None:
    choice = Choice(comment_id, is_reported=True)
    decide(choice, site_id=site_id, action=action, reason=reason, actor=actor)
