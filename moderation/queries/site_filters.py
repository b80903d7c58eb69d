"""The filters of sites, as workers use them: loaded once per version and process."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import structlog
from django.db import connection

from moderation.domain.signals import Axis
from moderation.language.site_filter.blend import Blend
from moderation.language.site_filter.progressive_validation import ProgressiveValidation
from moderation.language.site_filter.shared_model import feature_version
from moderation.language.site_filter.training import AXES, AxisFilter, LearnedFilter, load_weights
from moderation.lib.version_cache import VersionCache
from moderation.models import SiteFilter

log = structlog.get_logger(__name__)

# One takes up to 300 kB of memory; a worker that serves more sites than this loads again.
MOST_KEPT = 64

_kept: VersionCache[UUID, LearnedFilter] = VersionCache(MOST_KEPT)


# Written out, because the ORM would build the query for each batch.
_USABLE_SQL = """
SELECT site_id, version FROM site_filter
WHERE site_id = ANY(%s::uuid[]) AND NOT is_paused AND feature_version = %s
"""


def load_filters(site_ids: Collection[UUID]) -> dict[UUID, LearnedFilter]:
    """The filters that are in use on these sites. One query for versions, a second one when one is new.

    Filters that a person has paused are left out, and so are filters that were fitted on the features of
    another version: the site's next decision refits them.
    """
    with connection.cursor() as cursor:
        cursor.execute(_USABLE_SQL, [list(site_ids), feature_version()])
        return _kept.load(dict(cursor.fetchall()), _read_filters)


def _read_filters(versions: Mapping[UUID, int]) -> dict[UUID, LearnedFilter]:
    return {row.site_id: read_filter(row) for row in SiteFilter.objects.filter(site_id__in=versions)}


def read_filter(row: SiteFilter) -> LearnedFilter:
    """A stored filter. One that cannot be read is broken: it holds comments until it is refitted."""
    stored = {Axis.ABUSE: row.abuse_weights, Axis.SPAM: row.spam_weights}
    try:
        axes = {axis: _read_axis(row.axes.get(axis.value), bytes(stored[axis])) for axis in AXES}
    except (AttributeError, KeyError, TypeError, ValueError):
        log.exception("a site's filter cannot be read", site=str(row.site_id))
        return LearnedFilter(row.version, {}, is_broken=True)
    return LearnedFilter(row.version, axes)


def _read_axis(stored: dict[str, Any] | None, weights: bytes) -> AxisFilter:
    if stored is None:
        return AxisFilter()
    return AxisFilter(
        weights=load_weights(weights) if stored["is_fitted"] else None,
        blend=Blend(**stored["blend"]),
        example_count=stored["example_count"],
        validation=ProgressiveValidation(**stored["validation"]),
    )
