"""The vault: encrypts addresses, bound to their row, and finds them again only by keyed hashes."""

from datetime import date
from uuid import UUID

from django.conf import settings

from moderation.privacy import cipher, hashes
from moderation.privacy.cipher import KeyRing, Place, VaultError

__all__ = [
    "VaultError",
    "address_hash",
    "address_hashes",
    "author_ref",
    "bucket_name",
    "check_keys",
    "contact_key",
    "domain_key",
    "former_domain_keys",
    "has_former_index_keys",
    "ip_bucket_name",
    "ip_hash",
    "key_ids",
    "newest_key_id",
    "request_digest",
    "request_digests",
    "reseal",
    "reseal_secret",
    "seal",
    "seal_secret",
    "short_key_names",
    "unseal",
    "unseal_secret",
]


def seal(address: str, *, site_id: UUID, comment_id: UUID) -> str:
    """The address as `v1:keyid:base64(…)`; it opens only for this comment of this site."""
    return cipher.seal_value(address, ring=_ring(), place=Place("email", site_id, comment_id))


def unseal(sealed: str, *, site_id: UUID, comment_id: UUID) -> str:
    """The plain address. Raises VaultError for a wrong key, row or site. Callers record who looked."""
    return cipher.unseal_value(sealed, ring=_ring(), place=Place("email", site_id, comment_id))


def reseal(sealed: str, *, site_id: UUID, comment_id: UUID) -> str:
    """The same address under the newest key, decrypted once as a test. Raises VaultError."""
    address = unseal(sealed, site_id=site_id, comment_id=comment_id)
    renewed = seal(address, site_id=site_id, comment_id=comment_id)
    if unseal(renewed, site_id=site_id, comment_id=comment_id) != address:
        raise VaultError("A value did not survive sealing it again.")
    return renewed


def newest_key_id() -> str:
    """The id of the key that encrypts now; it is not secret."""
    return _ring().newest_id


def key_ids() -> frozenset[str]:
    """The ids of all keys that decrypt; they are not secret."""
    return frozenset(_ring().keys)


def seal_secret(secret: str, *, site_id: UUID, row_id: UUID) -> str:
    """A key of somebody else's service; it opens only for this row of this site."""
    return cipher.seal_value(secret, ring=_ring(), place=Place("secret", site_id, row_id))


def unseal_secret(sealed: str, *, site_id: UUID, row_id: UUID) -> str:
    """The plain key. Raises VaultError."""
    return cipher.unseal_value(sealed, ring=_ring(), place=Place("secret", site_id, row_id))


def reseal_secret(sealed: str, *, site_id: UUID, row_id: UUID) -> str:
    """The same secret under the newest key. Raises VaultError."""
    return seal_secret(unseal_secret(sealed, site_id=site_id, row_id=row_id), site_id=site_id, row_id=row_id)


def address_hash(address: str, *, site_id: UUID) -> bytes:
    """32 bytes that find an address again on one site, by equality only."""
    return hashes.hash_address(address, master=_index_key(), site_id=site_id)


def address_hashes(address: str, *, site_id: UUID) -> list[bytes]:
    """The hashes under which an author may be stored while the index key is changed: `address_hash` first."""
    return [hashes.hash_address(address, master=key, site_id=site_id) for key in _index_keys()]


def has_former_index_keys() -> bool:
    """Whether rows may be stored under other index keys than the current one."""
    return bool(settings.EMAIL_INDEX_KEY_FALLBACKS)


def author_ref(address_hash: bytes, *, site_id: UUID) -> str:
    """32 hex digits for avatars and for a site's own use, made from `address_hash`."""
    return hashes.derive_author_ref(address_hash, master=_index_key(), site_id=site_id)


def ip_hash(ip: str, *, site_id: UUID, day: date) -> bytes:
    """32 bytes that identify an IP address for at most a week (`hashes.IP_HASH_PERIOD_DAYS`)."""
    return hashes.hash_ip(ip, master=_index_key(), site_id=site_id, day=day)


def ip_bucket_name(ip: str, *, site_id: UUID) -> str:
    """The rate bucket of an address' network (/24, /64): a keyed hash."""
    return hashes.hash_bucket("ip", hashes.bucket_network(ip), master=_index_key(), site_id=site_id)


def bucket_name(label: str, value: str, *, site_id: UUID) -> str:
    """The rate bucket of anything else: a keyed hash, so that the broker's memory reveals nothing."""
    return hashes.hash_bucket(label, value, master=_index_key(), site_id=site_id)


def request_digest(label: str, value: bytes, *, site_id: UUID) -> bytes:
    """32 bytes that identify a request's content; they reveal nothing to somebody with the table."""
    return hashes.hash_request(label, value, master=_index_key(), site_id=site_id)


def request_digests(label: str, value: bytes, *, site_id: UUID) -> list[bytes]:
    """The digests under which a request may be stored while the index key is changed: newest first."""
    return [hashes.hash_request(label, value, master=key, site_id=site_id) for key in _index_keys()]


def draw_number(label: str, subject_id: UUID, *, site_id: UUID) -> float:
    """A number in [0, 1) for a row: as good as random, and always the same."""
    return hashes.draw_number(label, subject_id.bytes, master=_index_key(), site_id=site_id)


def domain_key(domain: str) -> UUID:
    """The key of a domain in tables that all sites share: equal for equal domains."""
    return hashes.hash_for_all_sites("domain", domain, master=_index_key())


def former_domain_keys(domain: str) -> list[UUID]:
    """The keys of a domain under the other index keys; usually there are none."""
    return [hashes.hash_for_all_sites("domain", domain, master=key) for key in _index_keys()[1:]]


def contact_key(contact: str) -> UUID:
    """The key of a number or handle in tables that all sites share: equal for equal ones."""
    return hashes.hash_for_all_sites("contact", contact, master=_index_key())


def short_key_names(key: str) -> list[str]:
    """The names under which a key of few random bits may be stored: that under the current index key first.

    Whoever has the table alone cannot try keys against them.
    """
    return [hashes.hash_for_all_sites("site-key", key, master=each).hex for each in _index_keys()]


def check_keys() -> None:
    """Raise VaultError unless all keys are well-formed."""
    _index_keys()
    _ring()


def _ring() -> KeyRing:
    return cipher.parse_key_ring(settings.EMAIL_KEYS)


def _index_key() -> bytes:
    return cipher.parse_key(settings.EMAIL_INDEX_KEY, name="EMAIL_INDEX_KEY")


def _index_keys() -> list[bytes]:
    """The key for writing, then those that are only used for look-ups."""
    former = settings.EMAIL_INDEX_KEY_FALLBACKS
    return [_index_key(), *(cipher.parse_key(key, name="EMAIL_INDEX_KEY_FALLBACKS") for key in former)]
