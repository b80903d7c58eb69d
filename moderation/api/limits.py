"""How fast a public key may be used. Secret keys are their sites' own affair."""

from moderation.api.problems import ProblemRaised
from moderation.clients.rates import Limit, get_rates
from moderation.models import Site
from moderation.privacy import vault
from moderation.privacy.hashes import bucket_network

# All readers of a site share its key: this bounds what a copied key can do, and is far above
# what a lively site sees. One reader's pace is `flow.flood`'s business.
KEY_CAPACITY, KEY_PERIOD_S = 600, 60.0
# Reads are counted per network, so that nobody can shut a site's readers out.
READ_CAPACITY, READ_PERIOD_S = 600, 60.0


def check_submit_rate(public_id: str, site: Site) -> None:
    """Count one submission by a public key. Raises `ProblemRaised` (429)."""
    bucket = vault.bucket_name("key", public_id, site_id=site.id)
    _check(Limit(bucket, KEY_CAPACITY, KEY_PERIOD_S))


def check_read_rate(ip: str, site: Site) -> None:
    """Count one public read from a network. Raises `ProblemRaised` (429)."""
    if ip:
        bucket = vault.bucket_name("read", bucket_network(ip), site_id=site.id)
        _check(Limit(bucket, READ_CAPACITY, READ_PERIOD_S))


def _check(limit: Limit) -> None:
    allowance = get_rates().allow([limit])
    if not allowance.is_allowed:
        raise ProblemRaised(
            429,
            "rate_limited",
            "Too many requests. Slow down.",
            retry_after_s=allowance.retry_after_s,
        )
