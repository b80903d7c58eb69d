"""Backtests: what a rule would have done to the latest comments that people decided."""

import time
from collections.abc import Callable, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from moderation.domain.errors import ActionNotPossible, NotFound
from moderation.domain.rules import RuleAction
from moderation.engine.rules.site_rules import SiteRules, matching_rules
from moderation.engine.rules.tally import Tally
from moderation.flow import jobs
from moderation.flow.jobs import Lease
from moderation.flow.jobs.kinds import BACKGROUND, Kind
from moderation.flow.jobs.registry import register
from moderation.flow.record import Actor, Event, record
from moderation.models import Backtest, RuleVersion
from moderation.models.backtest import BacktestState
from moderation.queries.decided import DecidedComment, count_decided, decided_page
from moderation.queries.rules import compile_texts

BACKTEST = Kind("backtest", BACKGROUND, lease_s=30, batch=2)
DEFAULT_LAST = 10_000
MOST_LAST = 50_000
# Comments between two updates of the progress; about 100 ms.
STEP = 500
# Shorter than a worker's task: the rest is done in the next one.
BUDGET_S = 4.0
_MOST_KEPT = 20  # finished runs per rule
_OPEN = (BacktestState.WAITING, BacktestState.RUNNING)


@transaction.atomic
def start_backtest(
    rule_id: UUID, *, site_id: UUID, actor: Actor, last: int = DEFAULT_LAST, in_background: bool = True
) -> Backtest:
    """Ask for a run of the current rule over the `last` decided comments. The caller runs it unless it is
    `in_background`. Raises `NotFound`, or `ActionNotPossible` while another run is under way.
    """
    version = (
        RuleVersion.objects.select_for_update(of=("rule",))
        .select_related("rule")
        .filter(rule_id=rule_id, site_id=site_id)
        .order_by("-version")
        .first()
    )
    if version is None:
        raise NotFound
    runs = Backtest.objects.filter(site_id=site_id, rule_id=rule_id)
    if runs.filter(state__in=_OPEN).exists():
        raise ActionNotPossible("A backtest of this rule is under way. Wait for it, or cancel it.")
    old = runs.order_by("-created_at").values_list("id", flat=True)[_MOST_KEPT - 1 :]
    runs.filter(id__in=list(old)).delete()
    run = Backtest.objects.create(
        site_id=site_id,
        rule_id=rule_id,
        rule_version=version,
        wanted=max(1, min(last, MOST_LAST)),
        created_by_id=actor.user_id,
    )
    if in_background:
        jobs.enqueue(BACKTEST, [(site_id, run.id)])
    event = Event("backtest.started", "rule", rule_id, {"version": version.version, "last": run.wanted})
    record(event, site_id=site_id, actor=actor)
    return run


@transaction.atomic
def cancel_backtest(backtest_id: UUID, *, site_id: UUID, actor: Actor) -> None:
    """Cancel a run that is waiting or under way. Raises `NotFound` for any other."""
    run = Backtest.objects.filter(id=backtest_id, site_id=site_id).first()
    if run is None or not _end(run.id, BacktestState.CANCELLED):
        raise NotFound
    record(Event("backtest.cancelled", "rule", run.rule_id), site_id=site_id, actor=actor)


def _run_batch(leases: Sequence[Lease], runner: str) -> None:
    jobs.run_each(BACKTEST, leases, _run_lease, _give_up)


backtest_due = register(BACKTEST, _run_batch)


def _run_lease(lease: Lease) -> None:
    is_over = run_backtest(lease.subject_id, budget_s=BUDGET_S, may_go_on=lambda: jobs.renew([lease]) == 1)
    if is_over:
        with transaction.atomic():
            jobs.finish([lease])
    else:
        jobs.finish_and_repeat(lease, in_s=0)
        jobs.wake_worker(BACKTEST)


def _give_up(lease: Lease) -> None:
    with transaction.atomic():
        if jobs.give_up(lease):
            _end(lease.subject_id, BacktestState.FAILED)


def _end(backtest_id: UUID, state: BacktestState) -> bool:
    open_runs = Backtest.objects.filter(id=backtest_id, state__in=_OPEN)
    return bool(open_runs.update(state=state, finished_at=Now()))


def run_backtest(
    backtest_id: UUID,
    *,
    budget_s: float = float("inf"),
    may_go_on: Callable[[], bool] = lambda: True,
    on_progress: Callable[[Backtest], object] = bool,
) -> bool:
    """Continue a run until it is finished or the time is up; True when nothing is left to do.

    Reads outside of a transaction. Each step's numbers are written by one conditional update, under
    `may_go_on` in the same transaction, so that a run that was cancelled or taken over writes nothing.
    """
    run = Backtest.objects.select_related("site", "rule_version").filter(id=backtest_id).first()
    if run is None or not run.is_open:
        return True
    rules = compile_texts([run.rule_version])
    action = RuleAction(run.rule_version.action)
    started = moment = time.monotonic()
    if run.total is None:
        run.total = count_decided(run.site_id, most=run.wanted)
    tally = Tally.of(run.counts, run.differences, run.missed)
    while True:
        cursor = run.cursor
        page = _take_step(run, rules, action, tally)
        now = time.monotonic()
        run.seconds, moment = run.seconds + now - moment, now
        is_last = len(page) < STEP or run.done >= run.wanted
        if not _write_step(run, tally, cursor, is_last=is_last, may_go_on=may_go_on):
            return True
        on_progress(run)
        if is_last or time.monotonic() - started > budget_s:
            return is_last


def _take_step(run: Backtest, rules: SiteRules, action: RuleAction, tally: Tally) -> list[DecidedComment]:
    needs = rules.rules[0].matcher.needs
    limit = min(STEP, run.wanted - run.done)
    page = decided_page(run.site, before=run.cursor, limit=limit, needs=needs)
    for decided in page:
        is_match = bool(matching_rules(decided.subject, rules))
        tally.add(str(decided.comment_id), decided.action, decided.outcome, action, is_match=is_match)
    run.done += len(page)
    run.cursor = page[-1].decision_id if page else run.cursor
    return page


@transaction.atomic
def _write_step(
    run: Backtest, tally: Tally, cursor: UUID | None, *, is_last: bool, may_go_on: Callable[[], bool]
) -> bool:
    if not may_go_on():
        return False
    run.state = BacktestState.DONE if is_last else BacktestState.RUNNING
    run.total = max(run.total or 0, run.done)
    run.counts, run.differences, run.missed = tally.counts(), tally.differences, tally.missed
    names = ("state", "total", "done", "cursor", "seconds", "counts", "differences", "missed")
    ending = {"finished_at": Now()} if is_last else {}
    standing = Backtest.objects.filter(id=run.id, state__in=_OPEN, cursor=cursor)
    return bool(standing.update(**{name: getattr(run, name) for name in names}, **ending))
