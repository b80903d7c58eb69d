"""The hashes of the audit chain: SHA-256 over JSON arrays, so that anybody can recompute them.

An event's digest is the hash of the UTF-8 bytes of one JSON array without spaces, letters outside ASCII as
they are:

    ["event", 1, number at its site, id, site_id, kind, subject_kind, subject_id, actor_kind,
     actor_user_id, actor_key_id, data, created_at]

`id`, the number and `actor_user_id` are numbers, all else is text or null: UUIDs in lower case with dashes,
`data` as PostgreSQL writes its jsonb, the time as `2026-01-31T12:00:00.123456Z`. A seal's hash is made alike
from

    ["seal", 1, number, from_id, to_id, count, sealed_at, hash of the seal before, hash of its events]

with hashes in hexadecimal digits; the hash of its events is that of their digests (32 bytes each), one after
the other in the order of ids.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

VERSION = 1
# The predecessor that the first seal names.
GENESIS = bytes(32)
# Numbers the events that belong to no site.
NO_SITE = UUID(int=0)

Field = str | int | None


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal as it is stored; `sealed_at` is written like an event's time."""

    number: int
    from_id: int
    to_id: int
    count: int
    sealed_at: str
    previous_hash: bytes
    hash: bytes


def digest_event(number: int, fields: Sequence[Field]) -> bytes:
    """The digest of an event with this number; its fields in the order of the array above."""
    return _hash(["event", VERSION, number, *fields])


def digest_events(digests: Iterable[bytes]) -> bytes:
    """The hash of a seal's events from their digests, in the order of ids."""
    whole = hashlib.sha256()
    for digest in digests:
        whole.update(digest)
    return whole.digest()


def hash_seal(seal: Seal, *, events: bytes) -> bytes:
    """The hash of a seal from its other fields; `events` is the result of `digest_events`."""
    numbers = (seal.number, seal.from_id, seal.to_id, seal.count)
    return _hash(["seal", VERSION, *numbers, seal.sealed_at, seal.previous_hash.hex(), events.hex()])


def _hash(values: Sequence[Field]) -> bytes:
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()
