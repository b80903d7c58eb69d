"""Asks outside services about comments: calls them outside of a transaction, stores the answers in one."""

import time
from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from moderation.domain.remote import AnswerState, Failure
from moderation.domain.status import Status
from moderation.engine.facts import AskedService
from moderation.flow import jobs
from moderation.flow.comments.call import WAVE, Answered, call_services
from moderation.flow.comments.publish import lock_comments
from moderation.flow.jobs import Lease
from moderation.flow.jobs.kinds import REMOTE, SCREEN, Kind
from moderation.flow.jobs.registry import register
from moderation.lib.failpoints import failpoint
from moderation.models import RemoteAnswer
from moderation.models.rows import insert_rows
from moderation.queries.due_comments import DueComment
from moderation.queries.remote_reports import WaitingQuestion, waiting_questions

# Three runs, because a fault may pass by itself; then a person looks.
ASK = Kind("ask", REMOTE, lease_s=60, batch=16, max_attempts=3, backoff_s=2)
# No group of calls begins later than this: even with the longest call it ends within lease and time limit.
BATCH_BUDGET_S = 20.0


def request_answers(wanted: Sequence[tuple[DueComment, Sequence[AskedService]]]) -> None:
    """Store the questions about the current revisions, and enqueue the job that asks them.

    Part of the transaction that ends the first screening: the comments stay in screening.
    """
    if not wanted:
        return
    rows = [
        {
            "site_id": comment.site_id,
            "comment_id": comment.id,
            "revision_id": comment.current_revision_id,
            "service_id": service.service_id,
            "service_version": service.version,
            "on_failure": service.on_failure,
        }
        for comment, services in wanted
        for service in services
    ]
    insert_rows(RemoteAnswer, rows, ignore_conflicts=True)
    jobs.enqueue(ASK, [(comment.site_id, comment.id) for comment, _ in wanted])


def ask_batch(leases: list[Lease], runner: str) -> None:
    """Ask outside of a transaction, then write all answers in one. Exhausted jobs are given up."""

    def run(runnable: Sequence[Lease]) -> None:
        answered, unreached = _ask_all(runnable, runner)
        jobs.release(unreached)
        failpoint("ask.before_finish", runner)
        finish_asking(answered, [lease for lease in runnable if lease not in unreached])

    jobs.run_together(ASK, leases, run, give_up_asking, runner=runner)


ask_due = register(ASK, ask_batch)


def _ask_all(leases: Sequence[Lease], runner: str) -> tuple[list[Answered], list[Lease]]:
    """The answers, and the leases that the batch had no time for."""
    began = time.monotonic()
    questions: dict[UUID, list[WaitingQuestion]] = defaultdict(list)
    for question in waiting_questions([lease.subject_id for lease in leases]):
        questions[question.comment_id].append(question)
    answered: list[Answered] = []
    rest = list(leases)
    while rest and time.monotonic() - began < BATCH_BUDGET_S:
        jobs.record_heartbeat(ASK, runner)
        wave, rest = rest[:WAVE], rest[WAVE:]
        answered += call_services([each for lease in wave for each in questions[lease.subject_id]])
    return answered, rest


@transaction.atomic
def finish_asking(answered: Sequence[Answered], leases: Sequence[Lease]) -> None:
    """Write the answers, have the comments screened again, and end the jobs.

    A job whose failure may pass stays; the other answers are kept. Locks the comments, then the jobs under
    their tokens. Jobs that another run has taken over are left alone.
    """
    locked = lock_comments([lease.subject_id for lease in leases], thread_ids=())
    again = {each.question.comment_id: each for each in answered if each.is_passing}
    retried: list[Lease] = []
    ended: list[Lease] = []
    for lease in leases:
        may_retry = lease.subject_id in again and lease.attempts < ASK.max_attempts
        (retried if may_retry else ended).append(lease)
    ours = {lease.subject_id for lease in jobs.finish(ended)}
    kept = {
        lease.subject_id for lease in retried if jobs.fail(ASK, lease, str(again[lease.subject_id].failure))
    }
    _store([each for each in answered if _is_stored(each, ours, kept)])
    _screen_again([c for c in ours if c in locked and locked[c].status == Status.SCREENING], leases)


def _is_stored(each: Answered, ended: Collection[UUID], retried: Collection[UUID]) -> bool:
    comment_id = each.question.comment_id
    return comment_id in ended or (comment_id in retried and not each.is_passing)


def _store(answered: Sequence[Answered]) -> None:
    for each in answered:
        RemoteAnswer.objects.filter(id=each.question.answer_id, state=AnswerState.WAITING).update(
            state=each.state,
            error=each.failure or "",
            findings=dict(each.findings),
            fields=list(each.fields),
            duration_ms=each.duration_ms,
            service_version=each.question.service_version,
            answered_at=Now(),
        )


def _screen_again(comment_ids: Sequence[UUID], leases: Sequence[Lease]) -> None:
    sites = {lease.subject_id: lease.site_id for lease in leases}
    if comment_ids:
        jobs.enqueue(SCREEN, [(sites[comment_id], comment_id) for comment_id in comment_ids])


@transaction.atomic
def give_up_asking(lease: Lease) -> None:
    """Stop asking after too many crashed runs: each missing answer counts as a failure, and the screening
    goes on.

    The dead job stays for a person to see.
    """
    locked = lock_comments([lease.subject_id], thread_ids=())
    if not jobs.give_up(lease) or lease.subject_id not in locked:
        return
    RemoteAnswer.objects.filter(
        comment_id=lease.subject_id,
        state=AnswerState.WAITING,
        revision_id=F("comment__current_revision_id"),
    ).update(state=AnswerState.FAILED, error=Failure.GAVE_UP, answered_at=Now())
    if locked[lease.subject_id].status == Status.SCREENING:
        _screen_again([lease.subject_id], [lease])
