"""The filters that sites have learned, as workers use them: loaded once per version and process."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import structlog

from moderation.domain.signals import Axis
from moderation.language.site_filter.blend import Blend
from moderation.language.site_filter.learning import AXES, AxisFilter, LearnedFilter, load_weights
from moderation.language.site_filter.progressive import Running
from moderation.language.site_filter.shared_model import reading_version
from moderation.models import SiteFilter

log = structlog.get_logger(__name__)

# One takes up to 300 kB of memory; a worker that serves more sites than this loads again.
MOST_KEPT = 64

_kept: dict[UUID, LearnedFilter] = {}


def load_filters(site_ids: Collection[UUID]) -> dict[UUID, LearnedFilter]:
    """The filters in use of those sites that have one. One query of two columns, two when one is new.

    Left out are those that a person has paused, and those that another model's lessons were read by:
    their next decision makes them anew.
    """
    usable = SiteFilter.objects.filter(site_id__in=site_ids, is_paused=False, read_by=reading_version())
    versions = dict(usable.values_list("site_id", "version"))
    missing = [site_id for site_id, version in versions.items() if not _has(site_id, version)]
    if len(_kept) + len(missing) > MOST_KEPT:
        _kept.clear()
        missing = list(versions)
    for row in SiteFilter.objects.filter(site_id__in=missing) if missing else ():
        _kept[row.site_id] = read_filter(row)
    return {site_id: _kept[site_id] for site_id in versions if site_id in _kept}


def _has(site_id: UUID, version: int) -> bool:
    return site_id in _kept and _kept[site_id].version == version


def read_filter(row: SiteFilter) -> LearnedFilter:
    """A stored filter. What cannot be read is broken: it holds comments until it is learned anew."""
    stored = {Axis.ABUSE: row.abuse_weights, Axis.SPAM: row.spam_weights}
    try:
        axes = {axis: _read_axis(row.axes.get(axis.value), bytes(stored[axis])) for axis in AXES}
    except (AttributeError, KeyError, TypeError, ValueError):
        log.exception("a site's filter cannot be read", site=str(row.site_id))
        return LearnedFilter(row.version, {}, is_broken=True)
    return LearnedFilter(row.version, axes)


def _read_axis(said: dict[str, Any] | None, weights: bytes) -> AxisFilter:
    if said is None:
        return AxisFilter()
    return AxisFilter(
        weights=load_weights(weights) if said["speaks"] else None,
        blend=Blend(**said["blend"]),
        lessons=said["lessons"],
        running=Running(**said["running"]),
    )
