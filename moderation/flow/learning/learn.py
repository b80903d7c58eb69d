"""Learning: the site's own filter learns from people's decisions, and unlearns what was undone.

Lessons are derived from decisions: each run compares the two and makes them agree, then makes the
filter anew. So a run that dies, comes twice or late changes nothing but the time.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from moderation.domain.signals import Axis
from moderation.flow import jobs
from moderation.flow.jobs import Lease
from moderation.flow.jobs.kinds import BACKGROUND, Kind
from moderation.flow.jobs.registry import register
from moderation.flow.learning.lessons import Changes, find_changes
from moderation.flow.record import SYSTEM, Actor, Event, record
from moderation.language.site_filter.learning import AxisFilter, dump_weights
from moderation.language.site_filter.shared_model import reading_version
from moderation.lib.failpoints import failpoint
from moderation.models import Lesson, SiteFilter
from moderation.queries.site_filters import read_filter

LEARN = Kind("learn", BACKGROUND, lease_s=30, batch=2)
# What is decided within this time is learned in one go; a site is learned anew no more often.
GATHER_S = 3.0
_ROLLED_BACK = "filter.rolled_back"
_IN_USE_AGAIN = "filter.in_use_again"


class _Overtaken(Exception):
    """Somebody else has written the filter, or has the job: what this run found is dropped."""


def ask_to_learn(site_ids: Collection[UUID]) -> None:
    """Ask that the filters of these sites catch up with what was decided. Enqueues, computes nothing."""
    if site_ids:
        jobs.enqueue(LEARN, [(site_id, site_id) for site_id in site_ids], delay_s=GATHER_S)


def _learn_batch(leases: Sequence[Lease], runner: str) -> None:
    jobs.run_each(LEARN, leases, _learn_site, jobs.give_up)


learn_due = register(LEARN, _learn_batch)


def _learn_site(lease: Lease) -> None:
    """Work out what has changed with no transaction open, then write it in one."""
    if not jobs.renew([lease]):
        return  # those before it in the batch took so long that another worker has it
    stored = SiteFilter.objects.filter(site_id=lease.site_id).first() or SiteFilter(site_id=lease.site_id)
    changes = find_changes(stored)
    try:
        _finish(lease, stored, changes)
    except _Overtaken:
        jobs.release([lease])


@transaction.atomic
def _finish(lease: Lease, stored: SiteFilter, changes: Changes | None) -> None:
    """Write lessons and filter and end the job. Raises `_Overtaken`. Locks the filter, then the job."""
    row = _lock_filter(lease.site_id)
    if row.version != stored.version or not jobs.finish([lease], again_in_s=GATHER_S):
        raise _Overtaken
    if changes is None:
        return
    Lesson.objects.filter(site_id=row.site_id, decision_id__in=changes.gone).delete()
    Lesson.objects.bulk_create(changes.new)
    _record_switches(row, changes.filters)
    _write_filter(row, changes)
    if changes.is_more:
        jobs.enqueue(LEARN, [(lease.site_id, lease.site_id)])
    failpoint("learn.inside_finish")


def _lock_filter(site_id: UUID) -> SiteFilter:
    SiteFilter.objects.bulk_create([SiteFilter(site_id=site_id)], ignore_conflicts=True)
    return SiteFilter.objects.select_for_update().get(site_id=site_id)


def _write_filter(row: SiteFilter, changes: Changes) -> None:
    row.version += 1
    row.read_by = reading_version()
    row.lessons = changes.lessons
    row.axes = {axis.value: _describe(each) for axis, each in changes.filters.items()}
    row.abuse_weights = dump_weights(changes.filters[Axis.ABUSE].weights)
    row.spam_weights = dump_weights(changes.filters[Axis.SPAM].weights)
    row.learned_at = Now()
    row.save()


def _describe(own: AxisFilter) -> dict[str, Any]:
    return {
        "speaks": own.weights is not None,
        "lessons": own.lessons,
        "blend": asdict(own.blend),
        "running": asdict(own.running),
    }


def _record_switches(row: SiteFilter, filters: Mapping[Axis, AxisFilter]) -> None:
    """An axis that was switched off for doing worse than the shared model, or on again, is on record."""
    former = read_filter(row)
    for axis, own in filters.items():
        if former.on(axis).running.is_on == own.running.is_on:
            continue
        kind = _IN_USE_AGAIN if own.running.is_on else _ROLLED_BACK
        data = {"axis": axis.value, "lessons": own.lessons, **_figures(own)}
        record(Event(kind, "site", row.site_id, data), site_id=row.site_id, actor=SYSTEM)


def _figures(own: AxisFilter) -> dict[str, float | None]:
    running = own.running
    return {
        "site": None if running.site is None else round(running.site, 3),
        "shared": None if running.shared is None else round(running.shared, 3),
    }


@transaction.atomic
def pause_filter(site_id: UUID, *, is_paused: bool, actor: Actor) -> None:
    """Stop using a site's filter, or use it again; it learns on all the while."""
    row = _lock_filter(site_id)
    if row.is_paused == is_paused:
        return
    row.is_paused = is_paused
    row.save(update_fields=["is_paused"])
    kind = "filter.paused" if is_paused else "filter.resumed"
    record(Event(kind, "site", site_id), site_id=site_id, actor=actor)


@transaction.atomic
def forget_lessons(site_id: UUID, *, actor: Actor) -> None:
    """Begin anew: what was decided until now teaches nothing any more. The decisions themselves stay."""
    row = _lock_filter(site_id)
    record(Event("filter.reset", "site", site_id, {"lessons": row.lessons}), site_id=site_id, actor=actor)
    Lesson.objects.filter(site_id=site_id).delete()
    SiteFilter.objects.filter(site_id=site_id).update(
        version=F("version") + 1,
        forgotten_at=Now(),
        lessons=0,
        axes={},
        abuse_weights=b"",
        spam_weights=b"",
    )
