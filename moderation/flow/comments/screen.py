"""Screening: claim due comments, run the engine over their current revisions, apply the verdicts."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from moderation.domain.locked import LockedComment
from moderation.domain.queues import SAMPLE_QUEUE
from moderation.domain.rules import CODE_PREFIX, SHADOW_CODE
from moderation.domain.signals import Axis, signal_to_json
from moderation.domain.status import ACTION_OF_OUTCOME, STATUS_AFTER, Action, Outcome, Status
from moderation.engine.effects import deciding_rule, queue_of
from moderation.engine.facts import AskedService
from moderation.engine.run import ENGINE_VERSION, Run, add_rules, run_checks
from moderation.engine.verdict.judging import Verdict, judge, reason_to_json
from moderation.flow import jobs
from moderation.flow.comments.ask import request_answers
from moderation.flow.comments.campaigns import note_names, reopen_overlooked
from moderation.flow.comments.decide import Ruling, apply_rulings
from moderation.flow.comments.publish import lock_comments
from moderation.flow.comments.queue import HELD_QUEUE
from moderation.flow.comments.reputation import note_domains
from moderation.flow.jobs import Lease
from moderation.flow.jobs.kinds import SCREEN
from moderation.flow.jobs.registry import register
from moderation.flow.record import RULE, VERDICT
from moderation.lib.failpoints import failpoint
from moderation.lib.markup import render_body
from moderation.lib.uuid7 import uuid7
from moderation.models import Comment, Fingerprint, RuleMatch, Screening
from moderation.models.rows import insert_rows
from moderation.privacy import vault
from moderation.queries.campaigns import published_members
from moderation.queries.contexts import ToScreen, build_contexts

_REASON_OF_OUTCOME = {
    Outcome.PUBLISH: "verdict.clean",
    Outcome.HOLD: "verdict.doubt",
    Outcome.SPAM: "verdict.spam",
    Outcome.REJECT: "verdict.rule",
}
# Half of the workers' hard time limit, so that the rest of a batch of costly texts is given back in time.
BATCH_BUDGET_S = 7.0
# The time between heartbeats within a batch: less than half of the patience of `run_jobs`, which is 2.5 s.
HEARTBEAT_EVERY_S = 1.0
# The severity of a comment whose screening failed, so that it comes early in the queue.
FAILED_SEVERITY = 4.0


@dataclass(frozen=True, slots=True)
class Screened:
    """What the engine found for one lease, before anything is written."""

    lease: Lease
    subject: ToScreen
    run: Run
    verdict: Verdict
    body_html: str  # empty where the verdict does not publish it
    rule: str = ""  # the sentence of the rule that decided; empty if the checks alone did
    to_ask: tuple[AskedService, ...] = ()  # services that have to report before there is a verdict


def screen_batch(leases: list[Lease], runner: str) -> None:
    """Screen the comments of `leases` with no transaction open, then write all results in one."""

    def run(runnable: Sequence[Lease]) -> None:
        screened, unreached = _run_engine(runnable, runner)
        jobs.release(unreached)
        failpoint("screen.before_finish", runner)
        reached = [lease for lease in runnable if lease not in unreached]
        written = finish_screenings(screened, reached, runner=runner)
        reopen_overlooked([s.subject for s in written if not _is_of_campaign(s)])

    jobs.run_together(SCREEN, leases, run, hold_unscreened, runner=runner)


screen_due = register(SCREEN, screen_batch)


def _run_engine(leases: Sequence[Lease], runner: str) -> tuple[list[Screened], list[Lease]]:
    """The engine's results, and the leases for which the time of the batch was not enough."""
    by_comment = {lease.subject_id: lease for lease in leases}
    began = time.monotonic()
    subjects = build_contexts(by_comment.keys())
    screened: list[Screened] = []
    renewed = shown = began
    for subject in subjects:
        moment = time.monotonic()
        if screened and moment - began > BATCH_BUDGET_S:
            break
        if moment - renewed > SCREEN.lease_s / 3:
            jobs.renew(leases)
            renewed = moment
        if moment - shown > HEARTBEAT_EVERY_S:
            jobs.record_heartbeat(SCREEN, runner)
            shown = moment
        screened.append(_screen_one(by_comment[subject.comment.id], subject))
    return screened, [by_comment[subject.comment.id] for subject in subjects[len(screened) :]]


def _screen_one(lease: Lease, subject: ToScreen) -> Screened:
    policy = subject.site.policy
    run = add_rules(run_checks(subject.context), subject.context, subject.site.rules, policy)
    verdict = judge(run.signals, policy, failed=run.failed)
    is_published = verdict.outcome == Outcome.PUBLISH
    body_html = render_body(subject.context.text, subject.site.text_format) if is_published else ""
    rule = deciding_rule(run.signals, verdict, policy)
    is_open = subject.comment.status == Status.SCREENING
    to_ask = subject.context.remote.to_ask(verdict.outcome) if is_open else ()
    return Screened(lease, subject, run, verdict, body_html, rule, to_ask)


@transaction.atomic
def finish_screenings(
    screened: Sequence[Screened], leases: Sequence[Lease], *, runner: str
) -> Sequence[Screened]:
    """Write screenings, verdicts and effects, and end the jobs; return what was written.

    Jobs that another run has taken over are left alone. If outside services have to be asked first, only the
    questions are written.

    Locks threads that may change, then comments, then deletes the jobs under their tokens.
    """
    threads = {s.subject.comment.thread_id for s in screened if _may_change_thread(s)}
    locked = lock_comments([s.subject.comment.id for s in screened], thread_ids=threads)
    written = _end_jobs([s for s in screened if _is_current(s, locked)], leases)
    if written:
        _write_results(written, locked, runner)
    failpoint("screen.inside_finish", runner)
    return written


def _end_jobs(current: Sequence[Screened], leases: Sequence[Lease]) -> Sequence[Screened]:
    """End the jobs, and have published members of their campaigns screened again; return the results whose
    jobs were still ours.

    Only a first screening does so, because campaigns could otherwise trigger each other without end. Comments
    that a person decided are left alone, and each comment is judged by the policy of its own site. All jobs
    concerned are locked first and in one order, because another batch may contain the members.
    """
    judged = {lease.subject_id for lease in leases}
    asking = [s for s in current if _is_first_of_campaign(s)]
    found = published_members([name for s in asking for name in s.subject.named])
    members = [member for member in found if member[1] not in judged]
    if members:
        jobs.lock(SCREEN, leases, [comment_id for _, comment_id in members])
    ours = {lease.job_id for lease in jobs.finish(leases)}
    if members and any(s.lease.job_id in ours for s in asking):
        jobs.enqueue(SCREEN, members)
    return [s for s in current if s.lease.job_id in ours]


def _write_results(valid: Sequence[Screened], locked: dict[UUID, LockedComment], runner: str) -> None:
    note_names(name for s in valid for name in s.subject.named)
    _store_fingerprints(valid)
    request_answers([(s.subject.comment, s.to_ask) for s in valid if s.to_ask])
    valid = [s for s in valid if not s.to_ask]
    _store_screenings(valid, runner)
    _store_html(valid)
    _store_matches(valid)
    apply_rulings([_build_ruling(s) for s in valid], locked, actor=VERDICT)
    note_domains(s.subject.context.domains for s in valid)


@transaction.atomic
def hold_unscreened(lease: Lease) -> None:
    """Put a comment into the queue after its screening failed too often. The job stays, marked as dead."""
    comment = Comment.objects.filter(id=lease.subject_id).first()
    locked = lock_comments([lease.subject_id], thread_ids=[comment.thread_id] if comment else [])
    last_error = jobs.last_error(lease)
    if not jobs.give_up(lease) or not locked:
        return
    ruling = Ruling(
        comment_id=lease.subject_id,
        to_status=Status.HELD,
        action=Action.HOLD,
        reason="screening_failed",
        note=f"Tried {lease.attempts - 1} times. {last_error}.",
        severity=FAILED_SEVERITY,
    )
    if locked[lease.subject_id].status == Status.SCREENING:
        apply_rulings([ruling], locked, actor=VERDICT)


def _is_first_of_campaign(screened: Screened) -> bool:
    """Whether this is the first screening of a comment that belongs to a campaign."""
    return screened.subject.comment.status == Status.SCREENING and _is_of_campaign(screened)


def _is_of_campaign(screened: Screened) -> bool:
    return any(signal.code == "campaign.cluster" for signal in screened.run.signals)


def _may_change_thread(screened: Screened) -> bool:
    return screened.verdict.outcome == Outcome.PUBLISH or screened.subject.comment.status != Status.SCREENING


def _is_current(screened: Screened, locked: dict[UUID, LockedComment]) -> bool:
    """Whether the comment still exists and the screened revision is still its latest."""
    comment = locked.get(screened.subject.comment.id)
    return (
        comment is not None
        and comment.current_revision_id == screened.subject.comment.current_revision_id
        and comment.status not in (Status.DELETED, Status.ERASED)
    )


def _store_screenings(screened: Sequence[Screened], runner: str) -> None:
    insert_rows(Screening, [_screening_row(each, runner) for each in screened])


def _screening_row(screened: Screened, runner: str) -> dict[str, Any]:
    comment, verdict = screened.subject.comment, screened.verdict
    return {
        "id": uuid7(),
        "site_id": comment.site_id,
        "comment_id": comment.id,
        "revision_id": comment.current_revision_id,
        "lease_token": screened.lease.token,
        "engine_version": ENGINE_VERSION,
        "policy_version": verdict.policy_version,
        "outcome": verdict.outcome.value,
        "scores": dict(verdict.scores),
        "reasons": [reason_to_json(reason) for reason in verdict.reasons],
        "signals": [signal_to_json(signal) for signal in screened.run.signals],
        "explanation": verdict.explanation,
        "runner": runner,
        "duration_ms": screened.run.duration_ms,
    }


_HTML_SQL = """
UPDATE revision SET body_html = rendered.html
FROM unnest(%s::uuid[], %s::text[]) AS rendered (id, html) WHERE revision.id = rendered.id
"""


def _store_html(screened: Sequence[Screened]) -> None:
    rendered = {s.subject.comment.current_revision_id: s.body_html for s in screened if s.body_html}
    if rendered:
        with connection.cursor() as cursor:
            cursor.execute(_HTML_SQL, [list(rendered), list(rendered.values())])


def _store_fingerprints(screened: Sequence[Screened]) -> None:
    """Store the fingerprints of new texts. A text that is screened again keeps its fingerprint."""
    insert_rows(
        Fingerprint,
        [
            {
                "comment_id": s.subject.comment.id,
                "site_id": s.subject.comment.site_id,
                "bands": s.subject.bands,
            }
            for s in screened
            if s.subject.bands
        ],
        ignore_conflicts=True,
    )


def _store_matches(screened: Sequence[Screened]) -> None:
    insert_rows(
        RuleMatch,
        [
            {
                "site_id": s.subject.comment.site_id,
                "rule_id": signal.params["rule_id"],
                "comment_id": s.subject.comment.id,
                "version": signal.params["version"],
                "is_shadow": signal.code == SHADOW_CODE,
            }
            for s in screened
            for signal in s.run.signals
            if signal.code.startswith(CODE_PREFIX)
        ],
    )


def _build_ruling(screened: Screened) -> Ruling:
    outcome = screened.verdict.outcome
    action = ACTION_OF_OUTCOME[outcome]
    return Ruling(
        comment_id=screened.subject.comment.id,
        to_status=STATUS_AFTER[action],
        action=action,
        reason="verdict.rule" if screened.rule else _REASON_OF_OUTCOME[outcome],
        note=screened.rule,
        actor=RULE if screened.rule else None,
        queue=_queue(screened),
        severity=screened.verdict.scores.get(Axis.ABUSE.value, 0.0),
    )


def _queue(screened: Screened) -> str:
    """The queue in which a person sees the comment: that of the samples if it is published and drawn."""
    if screened.verdict.outcome == Outcome.PUBLISH and _is_drawn(screened.subject):
        return SAMPLE_QUEUE
    return queue_of(screened.run.signals) or HELD_QUEUE


def _is_drawn(subject: ToScreen) -> bool:
    """Whether a comment is drawn for the sample: always the same for a comment, and not predictable."""
    drawn = vault.draw_number("sample", subject.comment.id, site_id=subject.comment.site_id)
    return 100 * drawn < subject.site.policy.sample_percent
