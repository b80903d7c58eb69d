"""Flood control: how fast one reader may post. A site with a secret key answers for its own readers."""

from collections.abc import Mapping
from typing import Any

from moderation.clients.rates import Limit, get_rates
from moderation.domain.errors import Duplicate, Flood
from moderation.models import Comment, Site
from moderation.models.comment import GONE
from moderation.privacy import vault

# Sources whose posts come straight from a reader's browser.
READERS_SOURCES = frozenset({"form", "script"})
# The classic form allows one comment in 15 seconds (wp_check_comment_flood); a bucket of the same
# long-run rate lets a lively discussion breathe. A network is shared by more than one household.
AUTHOR_CAPACITY, AUTHOR_PERIOD_S = 4, 60.0
NETWORK_CAPACITY, NETWORK_PERIOD_S = 12, 60.0


def check_flood(site: Site, row: Mapping[str, Any], *, source: str, ip: str) -> None:
    """Count one submission of a reader. Raises `Flood`, or `Duplicate` for what was said already.

    `row` is what is about to be stored. Buckets are named by keyed hashes only.
    """
    if source not in READERS_SOURCES:
        return
    limits = [
        Limit(
            vault.bucket_name("author", row["address_hash"].hex(), site_id=site.id),
            AUTHOR_CAPACITY,
            AUTHOR_PERIOD_S,
        )
    ]
    if ip:
        limits.append(Limit(vault.ip_bucket_name(ip, site_id=site.id), NETWORK_CAPACITY, NETWORK_PERIOD_S))
    allowance = get_rates().allow(limits)
    if allowance.is_allowed:
        return
    if _was_said(site, row):
        raise Duplicate
    raise Flood(allowance.retry_after_s)


def _was_said(site: Site, row: Mapping[str, Any]) -> bool:
    """A repeated comment is told so, rather than to wait and then be told so."""
    same = Comment.objects.filter(site=site, body_hash=row["body_hash"]).exclude(status__in=GONE)
    return same.filter(author__address_hash=row["address_hash"]).exists()
