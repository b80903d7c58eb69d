"""Submission: validate and store in one transaction; the answer follows the commit."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import orjson
from django.db import IntegrityError

from moderation.domain.errors import (
    Duplicate,
    IdempotencyMismatch,
    NotFound,
    ParentNotPublished,
    ThreadClosed,
    ThreadNotAllowed,
)
from moderation.domain.fields import CleanFields, clean_submission_fields
from moderation.flow import jobs
from moderation.flow.comments.flood import READERS_SOURCES, check_flood, hash_claim, was_said_by_same_reader
from moderation.flow.comments.new_comment import NewComment
from moderation.flow.comments.store import KEY_ONCE, SAID_ONCE, run_statement
from moderation.flow.comments.threads import MOST_DEPTH, ThreadRef, check_new_thread, open_thread, thread_key
from moderation.flow.jobs.kinds import SCREEN
from moderation.lib.addresses import mask_address
from moderation.lib.clock import now
from moderation.lib.failpoints import failpoint
from moderation.lib.uuid7 import uuid7
from moderation.models import Comment, IdempotencyKey, Site
from moderation.models.late_verdict import Told
from moderation.privacy import vault
from moderation.privacy.hashes import truncate_ip
from moderation.privacy.work import read_work

ANONYMOUS = "Anonymous"
NO_PARENT = "The comment that you reply to is not here."


@dataclass(frozen=True, slots=True)
class ToldLater:
    """Where the site's server wants to hear of a verdict that differs from what it is `told` at once.

    `key_id` is the Akismet key that the callback carries; `details` are repeated in it.
    """

    url: str
    key_id: UUID
    told: Told
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A reader's comment as a face received it: parsed and authorised, not yet validated.

    `fields` holds body, name, email and website as typed, or cleaned already. `form_facts` are those of
    `engine.facts.FormFacts`. `is_author_proven` and `submitted_at` may come from a secret key
    only. `work` is the solution of a challenge, as sent.
    `request_hash` tells a repeated `idempotency_key` from a second use.
    """

    site: Site
    thread: ThreadRef
    fields: Mapping[str, object] | CleanFields
    parent_id: UUID | None = None
    form_facts: Mapping[str, Any] = field(default_factory=dict)
    may_create_thread_anywhere: bool = False
    is_author_proven: bool = False
    ip: str = ""
    submitted_at: datetime | None = None
    work: str = ""
    idempotency_key: str = ""
    request_hash: bytes = b""
    told_later: ToldLater | None = None

    @property
    def is_readers(self) -> bool:
        """Whether it comes straight from a reader's browser, where anybody may type anybody's address."""
        return self.form_facts.get("source") in READERS_SOURCES


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the transaction stored, or had stored before under the same idempotency key."""

    comment_id: UUID
    status: str
    is_new: bool


def submit_comment(submission: Submission) -> Accepted:
    """Store a comment with its sealed address and its screening job, then wake a worker.

    Raises `InvalidFields`, `Flood`, `NotFound`, `ThreadClosed`, `ThreadNotAllowed`,
    `ParentNotPublished`, `Duplicate` or `IdempotencyMismatch`; nothing is stored then.
    """
    may_stand_otherwise = vault.has_former_index_keys()  # then no conflict tells of a repetition
    if (submission.is_readers or may_stand_otherwise) and (known := _find_remembered(submission)):
        return known  # it was counted when it came first
    comment = _build_comment(submission, _clean(submission))
    if submission.is_readers:
        check_flood(comment, ip=submission.ip)
    failpoint("submit.before_commit")
    try:
        _store(submission, comment)
    except IntegrityError as error:
        if known := _settle_conflict(submission, comment, error):
            return known
    except (ThreadClosed, ThreadNotAllowed, NotFound, ParentNotPublished):
        if known := _find_remembered(submission):  # it was taken while that was still possible
            return known
        raise
    jobs.wake_on_commit(SCREEN)
    return Accepted(comment.comment_id, "screening", is_new=True)


def _clean(submission: Submission) -> CleanFields:
    if isinstance(submission.fields, CleanFields):
        return submission.fields
    return clean_submission_fields(submission.fields, requires_email=submission.site.requires_email)


def hash_body(body: str) -> int:
    """Signed 64 bits of the very text: equal only for the same characters (BLAKE2b, RFC 7693)."""
    return int.from_bytes(hashlib.blake2b(body.encode(), digest_size=8).digest(), "big", signed=True)


def _build_comment(submission: Submission, fields: CleanFields) -> NewComment:
    """All that the statement writes or asks for."""
    site_id, comment_id, ip = submission.site.id, uuid7(), submission.ip
    name = fields.name or ANONYMOUS
    moment = submission.submitted_at or now()
    ip_hash = vault.ip_hash(ip, site_id=site_id, day=moment.date()) if ip else None
    key, request_hash = _digest_request(submission)[0]
    hashes = author_hashes(fields, ip, site_id=site_id)
    return NewComment(
        site_id=site_id,
        site_is_open=submission.site.is_open,
        thread_key=thread_key(submission.thread),
        parent_id=submission.parent_id,
        most_depth=MOST_DEPTH,
        idempotency_key=key,
        request_hash=request_hash,
        comment_id=comment_id,
        revision_id=uuid7(),
        author_id=uuid7(),
        address_hash=hashes[0],
        address_hashes=list(hashes),
        is_proven=submission.is_author_proven,
        sealed=vault.seal(fields.email, site_id=site_id, comment_id=comment_id) if fields.email else "",
        email_mask=mask_address(fields.email) if fields.email else "",
        email_domain=fields.email.rpartition("@")[2],
        author_name=name,
        website=fields.website,
        body=fields.body,
        body_hash=hash_body(fields.body),
        claim=hash_claim(site_id, name=name, ip_hash=ip_hash) if submission.is_readers else None,
        **_facts_of_form(submission),
        ip_prefix=truncate_ip(ip) if ip else "",
        ip_hash=ip_hash,
        submitted_at=moment,
        **_late_fields(submission.told_later),
    )


def _facts_of_form(submission: Submission) -> dict[str, Any]:
    """How it was sent, and what its proof of work is worth where the site asks readers for one."""
    facts = dict(submission.form_facts)
    if not submission.is_readers or not submission.site.asks_readers_for_work:
        return {"form_facts": orjson.dumps(facts).decode()}
    work = read_work(submission.work, site_id=submission.site.id)
    return {
        "form_facts": orjson.dumps({**facts, "work": work.state}).decode(),
        "work_digest": work.digest or None,
    }


def _late_fields(later: ToldLater | None) -> dict[str, Any]:
    if later is None:
        return {}
    return {
        "late_url": later.url,
        "late_key_id": later.key_id,
        "late_told": later.told.value,
        "late_details": orjson.dumps(dict(later.details)).decode(),
    }


def author_hashes(fields: CleanFields, ip: str, *, site_id: UUID) -> list[bytes]:
    """The hashes under which the author of a submission may be stored, the current one first."""
    address = fields.email or _stand_in(fields.name or ANONYMOUS, ip)
    return vault.address_hashes(address, site_id=site_id)


def _stand_in(name: str, ip: str) -> str:
    """Without an address, name and network are all there is to know an author by; it earns no trust."""
    network = truncate_ip(ip) if ip else uuid7().hex
    return f"{hashlib.sha256(f'{name}|{network}'.encode()).hexdigest()[:32]}@anonymous.invalid"


def _store(submission: Submission, comment: NewComment) -> None:
    """Write all rows in one statement; a new thread is opened first."""
    result = run_statement(comment)
    if result.takes_comments is None:
        anywhere = submission.may_create_thread_anywhere
        check_new_thread(submission.site, submission.thread, anywhere=anywhere)
        if submission.parent_id is not None:
            raise NotFound(NO_PARENT)
        open_thread(submission.site, submission.thread, anywhere=anywhere)
        result = run_statement(comment)
    if result.is_stored:
        return
    if not result.takes_comments:
        raise ThreadClosed
    if result.is_answerable is None:
        raise NotFound(NO_PARENT)
    raise ParentNotPublished


def _settle_conflict(submission: Submission, comment: NewComment, error: IntegrityError) -> Accepted | None:
    """What was answered to a repeated key; or None, the comment being stored by its claim.

    A site's own server is told of a `Duplicate` for the address alone. At the public faces, where anybody
    may type anybody's address, another hand's copy is stored like a stranger's, and the checks look at it;
    the statement does so itself, unless both came in the same moment.
    """
    if known := _explain_conflict(submission, error):
        return known
    if not submission.is_readers or was_said_by_same_reader(comment):
        raise Duplicate from None
    try:
        _store(submission, msgspec.structs.replace(comment, is_others_copy=True))
    except IntegrityError as second:  # a twin of ours was faster
        if known := _explain_conflict(submission, second):
            return known
        raise Duplicate from None
    return None


def _explain_conflict(submission: Submission, error: IntegrityError) -> Accepted | None:
    """What was answered to a repeated key; None for a repeated comment. Raises any other `error`."""
    constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    if constraint not in (SAID_ONCE, KEY_ONCE):
        raise error
    known = _find_remembered(submission)
    if known is None and constraint == KEY_ONCE:  # its answer was purged this very moment
        raise error
    return known


def _find_remembered(submission: Submission) -> Accepted | None:
    """What was answered to this idempotency key before. Raises `IdempotencyMismatch`."""
    if not submission.idempotency_key:
        return None
    digests = dict(_digest_request(submission))
    known = IdempotencyKey.objects.filter(site=submission.site, key__in=digests).first()
    if known is None:
        return None
    if bytes(known.request_hash) != digests[known.key]:
        raise IdempotencyMismatch
    status = Comment.objects.values_list("status", flat=True).get(id=known.comment_id)
    return Accepted(known.comment_id, status, is_new=False)


def _digest_request(submission: Submission) -> list[tuple[str, bytes | None]]:
    """Key and hash as they are stored, under each index key. A client's key may be anything, and a body's
    hash says too much.
    """
    if not submission.idempotency_key:
        return [("", None)]
    site_id = submission.site.id
    keys = vault.request_digests("key", submission.idempotency_key.encode(), site_id=site_id)
    bodies = vault.request_digests("body", submission.request_hash, site_id=site_id)
    return [(key.hex(), body) for key, body in zip(keys, bodies, strict=True)]
