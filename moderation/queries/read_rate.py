"""The rate limit for public reads: one for everything that anybody can read, counted before any look-up."""

from uuid import UUID

from moderation.clients.rates import Limit, get_rates
from moderation.privacy import vault
from moderation.privacy.hashes import bucket_network

PERIOD_S = 60.0
# Per network, so that nobody can lock a site's readers out. Answers from memory are not counted.
KEY_CAPACITY = 600
# Per network over all keys together: keys can be invented, and this does not look up which exist.
NETWORK_CAPACITY = 3_000
_ALL_SITES = UUID(int=0)


def count_read(ip: str, *, key: str) -> int:
    """Count one read by `key`, as it was sent, from the network of this address. Returns 0, or the seconds to
    wait.
    """
    if not ip:
        return 0
    network = bucket_network(ip)
    by_key = vault.bucket_name("read", f"{network} {key}", site_id=_ALL_SITES)
    by_network = vault.bucket_name("read-all", network, site_id=_ALL_SITES)
    limits = [Limit(by_key, KEY_CAPACITY, PERIOD_S), Limit(by_network, NETWORK_CAPACITY, PERIOD_S)]
    return get_rates().allow(limits).retry_after_s
