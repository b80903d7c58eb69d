"""Refits a site's filter on people's decisions, without those that were undone.

Training examples are derived from decisions. Each run compares the two, makes the examples agree with the
decisions, and refits the filter. A run that dies, is repeated or comes late therefore does no harm.
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
from moderation.flow.learning.example_changes import ExampleChanges, find_changes
from moderation.flow.record import SYSTEM, Actor, Event, record
from moderation.language.site_filter.shared_model import feature_version
from moderation.language.site_filter.training import AxisFilter, dump_weights
from moderation.lib.failpoints import failpoint
from moderation.models import SiteFilter, StoredExample
from moderation.queries.site_filters import read_filter

REFIT = Kind("learn", BACKGROUND, lease_s=30, batch=2)
# Decisions made within this time share one refit; a site's filter is refitted no more often.
REFIT_INTERVAL_S = 3.0
_ROLLED_BACK = "filter.rolled_back"
_IN_USE_AGAIN = "filter.in_use_again"


class _StaleRun(Exception):
    """Another run has written the filter or holds the job: the result of this run is dropped."""


def request_refit(site_ids: Collection[UUID]) -> None:
    """Enqueue a refit of these sites' filters. Computes nothing."""
    if site_ids:
        jobs.enqueue(REFIT, [(site_id, site_id) for site_id in site_ids], delay_s=REFIT_INTERVAL_S)


def _refit_batch(leases: Sequence[Lease], runner: str) -> None:
    jobs.run_each(REFIT, leases, _refit_site, jobs.give_up)


refit_due = register(REFIT, _refit_batch)


def _refit_site(lease: Lease) -> None:
    """Compute the changes with no transaction open, then write them in one."""
    if not jobs.renew([lease]):
        return  # the leases before it took so long that another worker has this one
    stored = SiteFilter.objects.filter(site_id=lease.site_id).first() or SiteFilter(site_id=lease.site_id)
    changes = find_changes(stored)
    try:
        _finish(lease, stored, changes)
    except _StaleRun:
        jobs.release([lease])


@transaction.atomic
def _finish(lease: Lease, stored: SiteFilter, changes: ExampleChanges | None) -> None:
    """Write examples and filter, and finish the job. Raises `_StaleRun`. Locks the filter, then the job."""
    row = _lock_filter(lease.site_id)
    if row.version != stored.version or not jobs.finish([lease], again_in_s=REFIT_INTERVAL_S):
        raise _StaleRun
    if changes is None:
        return
    StoredExample.objects.filter(site_id=row.site_id, decision_id__in=changes.removed).delete()
    StoredExample.objects.bulk_create(changes.added)
    _record_switches(row, changes.filters)
    _write_filter(row, changes)
    if changes.is_more:
        jobs.enqueue(REFIT, [(lease.site_id, lease.site_id)])
    failpoint("learn.inside_finish")


def _lock_filter(site_id: UUID) -> SiteFilter:
    SiteFilter.objects.bulk_create([SiteFilter(site_id=site_id)], ignore_conflicts=True)
    return SiteFilter.objects.select_for_update().get(site_id=site_id)


def _write_filter(row: SiteFilter, changes: ExampleChanges) -> None:
    row.version += 1
    row.feature_version = feature_version()
    row.example_count = changes.example_count
    row.axes = {axis.value: _describe(each) for axis, each in changes.filters.items()}
    row.abuse_weights = dump_weights(changes.filters[Axis.ABUSE].weights)
    row.spam_weights = dump_weights(changes.filters[Axis.SPAM].weights)
    row.fitted_at = Now()
    row.save()


def _describe(own: AxisFilter) -> dict[str, Any]:
    return {
        "is_fitted": own.weights is not None,
        "example_count": own.example_count,
        "blend": asdict(own.blend),
        "validation": asdict(own.validation),
    }


def _record_switches(row: SiteFilter, filters: Mapping[Axis, AxisFilter]) -> None:
    """Record each axis that was switched off because it does worse than the shared model, or on again."""
    former = read_filter(row)
    for axis, own in filters.items():
        if former.on(axis).validation.is_on == own.validation.is_on:
            continue
        kind = _IN_USE_AGAIN if own.validation.is_on else _ROLLED_BACK
        data = {"axis": axis.value, "examples": own.example_count, **_figures(own)}
        record(Event(kind, "site", row.site_id, data), site_id=row.site_id, actor=SYSTEM)


def _figures(own: AxisFilter) -> dict[str, float | None]:
    site, shared = own.validation.site_auc, own.validation.shared_auc
    return {
        "site": None if site is None else round(site, 3),
        "shared": None if shared is None else round(shared, 3),
    }


@transaction.atomic
def pause_filter(site_id: UUID, *, is_paused: bool, actor: Actor) -> None:
    """Stop using a site's filter, or use it again. A paused filter is still refitted."""
    row = _lock_filter(site_id)
    if row.is_paused == is_paused:
        return
    row.is_paused = is_paused
    row.save(update_fields=["is_paused"])
    kind = "filter.paused" if is_paused else "filter.resumed"
    record(Event(kind, "site", site_id), site_id=site_id, actor=actor)


@transaction.atomic
def forget_examples(site_id: UUID, *, actor: Actor) -> None:
    """Delete all training examples of a site and start again. The decisions themselves stay."""
    row = _lock_filter(site_id)
    data = {"examples": row.example_count}
    record(Event("filter.reset", "site", site_id, data), site_id=site_id, actor=actor)
    StoredExample.objects.filter(site_id=site_id).delete()
    SiteFilter.objects.filter(site_id=site_id).update(
        version=F("version") + 1,
        forgotten_at=Now(),
        example_count=0,
        axes={},
        abuse_weights=b"",
        spam_weights=b"",
    )
