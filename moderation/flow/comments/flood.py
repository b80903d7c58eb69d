"""Flood control: how fast one reader may post. A site with a secret key answers for its own readers."""

from collections.abc import Mapping
from typing import Any

from moderation.clients.rates import Limit, get_rates
from moderation.domain.errors import Duplicate, Flood
from moderation.models import Comment, Site
from moderation.models.comment import GONE
from moderation.privacy import vault
from moderation.privacy.hashes import truncate_ip

# Sources whose posts come straight from a reader's browser.
READERS_SOURCES = frozenset({"form", "script"})
# The classic form allows one comment in 15 seconds (wp_check_comment_flood); a bucket of the same
# long-run rate lets a lively discussion breathe. A network is shared by more than one household.
AUTHOR_CAPACITY, AUTHOR_PERIOD_S = 4, 60.0
NETWORK_CAPACITY, NETWORK_PERIOD_S = 12, 60.0


def check_flood(site: Site, row: Mapping[str, Any], *, source: str, ip: str) -> None:
    """Count one submission of a reader. Raises `Flood`, or `Duplicate` for what was said already.

    `row` is what is about to be stored. Buckets are named by keyed hashes only. An author counts
    together with their network: whoever types another's address neither slows that other down nor
    learns from the pace whether they are here.
    """
    if source not in READERS_SOURCES:
        return
    author = f"{row['address_hash'].hex()} {truncate_ip(ip) if ip else ''}"
    limits = [
        Limit(vault.bucket_name("author", author, site_id=site.id), AUTHOR_CAPACITY, AUTHOR_PERIOD_S),
    ]
    if ip:
        limits.append(Limit(vault.ip_bucket_name(ip, site_id=site.id), NETWORK_CAPACITY, NETWORK_PERIOD_S))
    allowance = get_rates().allow(limits)
    if allowance.is_allowed:
        return
    if was_said_by_same_reader(row):
        raise Duplicate
    raise Flood(allowance.retry_after_s)


def was_said_by_same_reader(row: Mapping[str, Any]) -> bool:
    """Whether this text stands on the site already, by this address, name and network.

    The address alone would not do: text and name are there for everybody to read, so that the answer
    would tell whose address belongs to a comment.
    """
    same = Comment.objects.filter(
        site_id=row["site"],
        body_hash__in=[row["body_hash"], hash_claim(row)],
        author__address_hash__in=row["address_hashes"],
        author_name=row["name"],
        ip_hash=row["ip_hash"],
    )
    return row["ip_hash"] is not None and same.exclude(status__in=GONE).exists()


def hash_claim(row: Mapping[str, Any]) -> int:
    """Instead of the text's hash for a text that stands under the same address by somebody else's hand.

    Signed 64 bits, keyed by name and network, so that the same reader saying it again is still known.
    """
    claim = b"\0".join(
        [str(row["body_hash"]).encode(), row["name"].encode(), bytes(row["ip_hash"] or b"")],
    )
    digest = vault.request_digest("claim", claim, site_id=row["site"])
    return int.from_bytes(digest[:8], "big", signed=True)
