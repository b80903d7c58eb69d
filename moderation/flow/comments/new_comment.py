"""What one submission writes: made once, and changed by nobody on its way into the database."""

from datetime import datetime
from uuid import UUID

import msgspec


class NewComment(msgspec.Struct, frozen=True, kw_only=True):
    """A validated comment with all that is stored beside it. `submit_sql.py` takes each field by its name.

    `claim` tells one reader's words from the same words by another hand under the same address; None where
    the site's own server vouches for the address. It is stored only where the words stand there already by
    another hand, or where `is_others_copy` says so.
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
    ip_prefix: str
    ip_hash: bytes | None
    submitted_at: datetime


class StoreResult(msgspec.Struct, frozen=True, kw_only=True):
    """What the statement did. None where there is no such thread or parent."""

    is_stored: bool
    takes_comments: bool | None
    is_answerable: bool | None
