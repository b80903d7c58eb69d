"""Submission: validate and store in one transaction; the answer follows the commit."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from moderation.domain.errors import Duplicate, IdempotencyMismatch
from moderation.domain.fields import CleanFields, clean_submission_fields
from moderation.flow import jobs
from moderation.flow.flood import READERS_SOURCES, check_flood, hash_claim, was_said_by_same_reader
from moderation.flow.submit_sql import INSERT_SQL, REMEMBER_SQL
from moderation.flow.threads import ThreadRef, access_open_thread, access_parent
from moderation.lib.addresses import mask_address
from moderation.lib.clock import now
from moderation.lib.uuid7 import uuid7
from moderation.models import Comment, IdempotencyKey, Site
from moderation.privacy import vault
from moderation.privacy.hashes import truncate_ip

ANONYMOUS = "Anonymous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A reader's comment as a face received it: parsed and authorised, not yet validated.

    `fields` holds body, name, email and website as typed. `form_facts` are those of
    `checks.context.FormFacts`. `is_author_proven` and `submitted_at` may come from a secret key
    only. `request_hash` tells a repeated `idempotency_key` from a second use.
    """

    site: Site
    thread: ThreadRef
    fields: Mapping[str, object]
    parent_id: UUID | None = None
    form_facts: Mapping[str, Any] = field(default_factory=dict)
    may_create_thread_anywhere: bool = False
    is_author_proven: bool = False
    ip: str = ""
    submitted_at: datetime | None = None
    idempotency_key: str = ""
    request_hash: bytes = b""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the transaction stored, or had stored before under the same idempotency key."""

    comment_id: UUID
    status: str
    is_new: bool


def submit_comment(submission: Submission) -> Accepted:
    """Store a comment with its sealed address and its screening job, then ring for a worker.

    Raises `InvalidFields`, `Flood`, `NotFound`, `ThreadClosed`, `ThreadNotAllowed`,
    `ParentNotPublished`, `Duplicate` or `IdempotencyMismatch`; nothing is stored then.
    """
    if submission.idempotency_key and (known := _find_remembered(submission)):
        return known
    fields = clean_submission_fields(submission.fields, requires_email=submission.site.requires_email)
    row = _build_row(submission, fields)
    check_flood(submission.site, row, source=str(submission.form_facts.get("source", "")), ip=submission.ip)
    with transaction.atomic():
        _place(submission, row)
        known = _remember(submission, row["comment"])
        return known or _insert(row, source=str(submission.form_facts.get("source", "")))


def hash_body(body: str) -> int:
    """Signed 64 bits of the very text: equal only for the same characters (BLAKE2b, RFC 7693)."""
    return int.from_bytes(hashlib.blake2b(body.encode(), digest_size=8).digest(), "big", signed=True)


def _build_row(submission: Submission, fields: CleanFields) -> dict[str, Any]:
    """All values of the rows to write, but for the thread's."""
    site_id, comment_id = submission.site.id, uuid7()
    name = fields.name or ANONYMOUS
    address = fields.email or _stand_in(name, submission.ip)
    moment = submission.submitted_at or now()
    return {
        "site": site_id,
        "comment": comment_id,
        "revision": uuid7(),
        "author": uuid7(),
        "address_hash": vault.address_hash(address, site_id=site_id),
        "is_proven": submission.is_author_proven,
        "sealed": vault.seal(fields.email, site_id=site_id, comment_id=comment_id) if fields.email else "",
        "email_mask": mask_address(fields.email) if fields.email else "",
        "email_domain": fields.email.rpartition("@")[2],
        "name": name,
        "website": fields.website,
        "body": fields.body,
        "body_hash": hash_body(fields.body),
        "form_facts": Jsonb(dict(submission.form_facts)),
        "ip_prefix": truncate_ip(submission.ip) if submission.ip else "",
        "ip_hash": vault.ip_hash(submission.ip, site_id=site_id, day=moment.date())
        if submission.ip
        else None,
        "submitted_at": moment,
        "parent": None,
        "root": None,
        "depth": 0,
    }


def _stand_in(name: str, ip: str) -> str:
    """Without an address, name and network are all there is to know an author by; it earns no trust."""
    network = truncate_ip(ip) if ip else uuid7().hex
    return f"{hashlib.sha256(f'{name}|{network}'.encode()).hexdigest()[:32]}@anonymous.invalid"


def _place(submission: Submission, row: dict[str, Any]) -> None:
    """Find the thread and the parent, and put them into the row."""
    thread = access_open_thread(
        submission.site, submission.thread, anywhere=submission.may_create_thread_anywhere
    )
    row["thread"] = thread.id
    if submission.parent_id is not None:
        parent = access_parent(thread, submission.parent_id)
        row |= {"parent": parent.id, "root": parent.root_id or parent.id, "depth": parent.depth + 1}


def _find_remembered(submission: Submission) -> Accepted | None:
    """What was answered to this idempotency key before. Raises `IdempotencyMismatch`."""
    key, request_hash = _digest_request(submission)
    known = IdempotencyKey.objects.filter(site=submission.site, key=key).first()
    if known is None:
        return None
    if bytes(known.request_hash) != request_hash:
        raise IdempotencyMismatch
    status = Comment.objects.values_list("status", flat=True).get(id=known.comment_id)
    return Accepted(known.comment_id, status, is_new=False)


def _remember(submission: Submission, comment_id: UUID) -> Accepted | None:
    """Note the idempotency key; a twin that is being stored right now is waited for."""
    if not submission.idempotency_key:
        return None
    with connection.cursor() as cursor:
        cursor.execute(REMEMBER_SQL, [submission.site.id, *_digest_request(submission), comment_id])
        return None if cursor.rowcount else _find_remembered(submission)


def _digest_request(submission: Submission) -> tuple[str, bytes]:
    """Key and hash as they are stored. A client's key may be anything, and a body's hash says too much."""
    site_id = submission.site.id
    key = vault.request_digest("key", submission.idempotency_key.encode(), site_id=site_id)
    return key.hex(), vault.request_digest("body", submission.request_hash, site_id=site_id)


def _insert(row: dict[str, Any], *, source: str) -> Accepted:
    """Write all rows in one statement. Raises `Duplicate` when the same reader said the same before.

    A site's own server is told so for the address alone. At the public faces, where anybody may type
    anybody's address, another hand's copy is stored like a stranger's, and the checks look at it.
    """
    if not _store(row):
        if source not in READERS_SOURCES or was_said_by_same_reader(row):
            raise Duplicate
        row["body_hash"] = hash_claim(row)
        if not _store(row):
            raise Duplicate
    jobs.ring_on_commit(jobs.SCREEN)
    return Accepted(row["comment"], "screening", is_new=True)


def _store(row: dict[str, Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(INSERT_SQL, row)
        return cursor.fetchone() is not None
