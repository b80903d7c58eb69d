"""What one submission writes: built once and never changed before it is stored."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec


class NewComment(msgspec.Struct, frozen=True, kw_only=True):
    """A validated comment with everything that is stored with it. `store.py` reads each field by its
    name.

    `claim` tells apart the same words posted under one address by different readers. It is None when the
    site's own server vouches for the address. It is stored only if the site has the words already from
    another reader, or if `is_others_copy` says so.
    """

    site_id: UUID
    site_is_open: bool
    thread_key: str
    parent_id: UUID | None
    most_depth: int
    idempotency_key: str
    request_hash: bytes | None
    comment_id: UUID
    revision_id: UUID
    author_id: UUID
    address_hash: bytes
    address_hashes: list[bytes]  # under each index key, the current one first
    is_proven: bool
    sealed: str
    email_mask: str
    email_domain: str
    author_name: str
    website: str
    body: str
    body_hash: int
    claim: int | None
    is_others_copy: bool = False
    form_facts: str
    work_digest: bytes | None = None  # of the challenge whose solution came with it
    ip_prefix: str
    ip_hash: bytes | None
    submitted_at: datetime
    late_url: str = ""  # where a later verdict is wanted; the other three belong to it
    late_key_id: UUID | None = None
    late_told: str = ""
    late_details: str = "{}"


class StoreResult(NamedTuple):
    """What the statement stored, in the order of its columns. None where the thread or the parent does not
    exist.
    """

    is_stored: bool
    takes_comments: bool | None
    is_answerable: bool | None
