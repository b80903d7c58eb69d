"""Keyed hashes, nearly all per site: they find equal values and cannot be reversed. Keys are passed in."""

import hmac
from datetime import date
from functools import lru_cache
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from moderation.lib.addresses import normalise_address
from moderation.lib.client_ip import first_of_network, household, network_of

# A week. Rates and blocks look back over a day, so a daily key would break them at each rotation; a weekly
# one breaks them once a week, when the counts start again. Nobody can be followed for longer than a week.
IP_HASH_PERIOD_DAYS = 7
REF_BYTES = 16
_ALL_SITES = UUID(int=0)  # no site has this id


def hash_address(address: str, *, master: bytes, site_id: UUID) -> bytes:
    """32 bytes, the same for all spellings of one mailbox on one site, and different between sites."""
    return hmac.digest(_derive(master, "address", site_id), normalise_address(address).encode(), "sha256")


def derive_author_ref(address_hash: bytes, *, master: bytes, site_id: UUID) -> str:
    """32 hex digits for an author's name and avatar, derived from the hash under a separate key."""
    return hmac.digest(_derive(master, "author-ref", site_id), address_hash, "sha256")[:REF_BYTES].hex()


def hash_ip(ip: str, *, master: bytes, site_id: UUID, day: date) -> bytes:
    """32 bytes that identify an address within one period. IPv6 counts by its /64: one household."""
    period = day.toordinal() // IP_HASH_PERIOD_DAYS
    key = _derive(master, f"ip-{period}", site_id)
    return hmac.digest(key, household(ip).encode(), "sha256")


def hash_bucket(label: str, value: str, *, master: bytes, site_id: UUID) -> str:
    """A name for a rate bucket that reveals nothing: 32 hex digits."""
    return hmac.digest(_derive(master, f"bucket-{label}", site_id), value.encode(), "sha256")[
        :REF_BYTES
    ].hex()


def hash_request(label: str, value: bytes, *, master: bytes, site_id: UUID) -> bytes:
    """32 bytes that identify a request. Against a plain hash, guessed addresses could be tried."""
    return hmac.digest(_derive(master, f"request-{label}", site_id), value, "sha256")


def draw_number(label: str, value: bytes, *, master: bytes, site_id: UUID) -> float:
    """A number in [0, 1) that nobody can predict and that is always the same for the same value."""
    drawn = hmac.digest(_derive(master, f"draw-{label}", site_id), value, "sha256")
    return int.from_bytes(drawn[:6], "big") / 2**48


def hash_for_all_sites(label: str, value: str, *, master: bytes) -> UUID:
    """16 bytes that identify a value on all sites of an installation, as a UUID, which is compact in rows.

    For what readers publish, such as the domains that they link to; never for anything that identifies them.
    """
    key = _derive(master, f"everywhere-{label}", _ALL_SITES)
    return UUID(bytes=hmac.digest(key, value.encode("utf-8", "surrogatepass"), "sha256")[:REF_BYTES])


def truncate_ip(ip: str) -> str:
    """The address without its last part: /24, or /48 for IPv6. Raises ValueError for anything else."""
    return first_of_network(ip, v4=24, v6=48)


def bucket_network(ip: str) -> str:
    """The network that shares a rate bucket: /24, or /64 for IPv6."""
    return str(network_of(ip, v4=24, v6=64))


# As many as a busy process has sites times labels. The settings hold the keys in memory as long anyway.
@lru_cache(maxsize=4096)
def _derive(master: bytes, label: str, site_id: UUID) -> bytes:
    info = label.encode() + b"\x00" + site_id.bytes
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(master)
