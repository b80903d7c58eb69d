"""Flood control: how fast one reader may post. A site with a secret key answers for its own readers."""

from uuid import UUID

from moderation.clients.rates import Limit, get_rates
from moderation.domain.errors import Duplicate, Flood
from moderation.flow.comments.new_comment import NewComment
from moderation.models import Comment
from moderation.models.comment import GONE
from moderation.privacy import vault
from moderation.privacy.hashes import truncate_ip

# Sources whose posts come straight from a reader's browser.
READERS_SOURCES = frozenset({"form", "script"})
# The classic form allows one comment in 15 seconds (wp_check_comment_flood). A bucket of the same long-run
# rate allows short bursts in a lively discussion. Several households may share one network.
AUTHOR_CAPACITY, AUTHOR_PERIOD_S = 4, 60.0
NETWORK_CAPACITY, NETWORK_PERIOD_S = 12, 60.0


def check_flood(comment: NewComment, *, ip: str) -> None:
    """Count one submission of a reader. Raises `Flood`, or `Duplicate` if the same reader posted the same
    text before.

    Buckets are named by keyed hashes only. An author is counted together with their network. So somebody who
    types another person's address cannot slow that person down, nor learn from the limit whether they are
    active.
    """
    site_id = comment.site_id
    author = f"{comment.address_hash.hex()} {truncate_ip(ip) if ip else ''}"
    limits = [Limit(vault.bucket_name("author", author, site_id=site_id), AUTHOR_CAPACITY, AUTHOR_PERIOD_S)]
    if ip:
        limits.append(Limit(vault.ip_bucket_name(ip, site_id=site_id), NETWORK_CAPACITY, NETWORK_PERIOD_S))
    allowance = get_rates().allow(limits)
    if allowance.is_allowed:
        return
    if was_said_by_same_reader(comment):
        raise Duplicate
    raise Flood(allowance.retry_after_s)


def was_said_by_same_reader(comment: NewComment) -> bool:
    """Whether the site has this text already from the same address, name and network.

    The address alone is not enough: everybody can read text and name, so the answer would reveal whose
    address belongs to a comment.
    """
    same = Comment.objects.filter(
        site_id=comment.site_id,
        body_hash=comment.body_hash,
        author__address_hash__in=comment.address_hashes,
        author_name=comment.author_name,
        ip_hash=comment.ip_hash,
    )
    return comment.ip_hash is not None and same.exclude(status__in=GONE).exists()


def hash_claim(site_id: UUID, *, name: str, ip_hash: bytes | None) -> int:
    """A hash that tells apart readers who type the same address; the same reader is recognised when they post
    again.

    Signed 64 bits, keyed by name and network.
    """
    claim = b"\0".join([name.encode(), ip_hash or b""])
    digest = vault.request_digest("claim", claim, site_id=site_id)
    return int.from_bytes(digest[:8], "big", signed=True)
