"""From a request's body to a `Submission`: parsed and typed here, validated by `flow`."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from moderation.api.authentication import Caller
from moderation.api.fields import Fields
from moderation.api.problems import ProblemRaised
from moderation.api.structs import PUBLIC, SECRET, Shape, about
from moderation.domain.errors import FieldError, InvalidFields
from moderation.domain.fields import (
    MAX_BODY,
    MAX_EMAIL,
    MAX_NAME,
    MAX_WEBSITE,
    CleanFields,
    clean_submission_fields,
)
from moderation.flow.comments.submit import Submission
from moderation.flow.comments.threads import ThreadRef
from moderation.lib.tokens import TokenState
from moderation.lib.urls import canonical_or_none
from moderation.privacy.tokens import FormToken, read_form_token

READERS_FIELDS = ("body", "name", "email", "website")
MOST_KEY, MOST_URL, MOST_TITLE, MOST_TOKEN, MOST_WORK = 500, 2000, 300, 600, 4000
_IDEMPOTENCY_KEY = re.compile(r"[\x20-\x7e]{1,255}")


class _PageShape(Shape):
    """The page, by `key` or `url`. The thread is created with its first comment."""

    key: Annotated[str, about("A key of your own for the page.", most=MOST_KEY, one_line=True)] | None = None
    url: (
        Annotated[str, about("The page's address; needed with a public key.", most=MOST_URL, one_line=True)]
        | None
    ) = None
    title: Annotated[str, about(most=MOST_TITLE)] | None = None


class SubmissionShape(Shape, kw_only=True):
    """A comment as it is sent."""

    thread: _PageShape
    parent: Annotated[UUID, about("The published comment that this one replies to.")] | None = None
    # Readers' input is cleaned, or refused, by `domain.fields`, the same way for API and form.
    name: Annotated[str, about(most=MAX_NAME, read_as="typed")] | None = None
    email: (
        Annotated[str, about("Encrypted at once; never part of an answer.", most=MAX_EMAIL, read_as="typed")]
        | None
    ) = None
    website: Annotated[str, about(most=MAX_WEBSITE, read_as="typed")] | None = None
    body: Annotated[str, about("Plain text or simple Markdown.", least=1, most=MAX_BODY, read_as="typed")]
    author_ip: (
        Annotated[str, about("Secret key only: the reader's address.", only=SECRET, read_as="ip")] | None
    ) = None
    submitted_at: (
        Annotated[datetime, Meta(tz=True), about("Secret key only: when the reader wrote it.", only=SECRET)]
        | None
    ) = None
    author_verified: (
        Annotated[bool, about("Secret key only: you have verified the address.", only=SECRET)] | None
    ) = None
    form_token: (
        Annotated[
            str,
            about(
                "Public key only: the token from `form-token`.", most=MOST_TOKEN, one_line=True, only=PUBLIC
            ),
        ]
        | None
    ) = None
    honeypot: (
        Annotated[str, about("Public key only: a field that people do not see.", most=MOST_URL, only=PUBLIC)]
        | None
    ) = None
    work: (
        Annotated[
            str,
            about(
                "Public key only: the solution of a challenge, where the site asks for a proof of work.",
                most=MOST_WORK,
                one_line=True,
                only=PUBLIC,
            ),
        ]
        | None
    ) = None


def build_submission(
    raw: Mapping[str, Any], *, caller: Caller, ip: str, body: bytes, idempotency_key: str | None
) -> Submission:
    """The submission in a parsed body `raw`. Raises `InvalidFields` with every mistake in it."""
    fields = Fields(raw)
    sent = fields.read(SubmissionShape, asker=SECRET if caller.is_secret else PUBLIC)
    thread = _name_thread(sent.thread, fields)
    typed = {name: getattr(sent, name) for name in READERS_FIELDS}
    cleaned, mistakes = _clean(typed, requires_email=caller.site.requires_email)
    fields.finish(also=mistakes)
    return Submission(
        site=caller.site,
        thread=thread,
        fields=cleaned or typed,
        parent_id=sent.parent,
        ip=sent.author_ip or "" if caller.is_secret else ip,
        submitted_at=sent.submitted_at,
        is_author_proven=bool(sent.author_verified),
        may_create_thread_anywhere=caller.is_secret,
        form_facts=_FROM_SERVER if caller.is_secret else _facts_of_form(sent, thread, caller),
        work=sent.work or "",
        idempotency_key=_name_idempotency_key(idempotency_key, caller),
        request_hash=hashlib.sha256(body).digest(),
    )


_FROM_SERVER = {"source": "server"}


def _name_thread(sent: _PageShape, fields: Fields) -> ThreadRef:
    key, url = sent.key or "", sent.url or ""
    is_read = not any(error.field.startswith("thread") for error in fields.errors)
    if not (key or url) and is_read:
        fields.note("thread.url", "required", "Name the page by its url, or by a key of your own.")
    canonical = canonical_or_none(url) if url else ""
    if canonical is None:
        fields.note("thread.url", "invalid_url", "Give the page's full address, https://…")
    title = " ".join((sent.title or "").split())
    return ThreadRef(key=key, url=url, title=title, canonical=canonical or "")


def _facts_of_form(sent: SubmissionShape, thread: ThreadRef, caller: Caller) -> dict[str, Any]:
    """What a script in a page says about the form that it showed."""
    token = _read_token(sent.form_token or "", thread, caller.site.id)
    return {
        "source": "script",
        "honeypot_filled": bool(sent.honeypot),
        "token_age_s": token.age_s,
        "token_by_script": token.by_script,
        "token_confirmed": token.confirmed,
    }


def _read_token(token: str, thread: ThreadRef, site_id: UUID) -> FormToken:
    """The token of a page by its name as sent, or by its canonical URL, to which the readers' component's
    token is bound.
    """
    opened = read_form_token(token, site_id=site_id, thread=thread.key or thread.url)
    if opened.state == TokenState.INVALID and thread.canonical:
        return read_form_token(token, site_id=site_id, thread=thread.canonical)
    return opened


def _clean(
    typed: Mapping[str, object], *, requires_email: bool
) -> tuple[CleanFields | None, list[FieldError]]:
    """The reader's fields as `flow` takes them, or the errors in them."""
    try:
        return clean_submission_fields(typed, requires_email=requires_email), []
    except InvalidFields as invalid:
        return None, invalid.errors


def _name_idempotency_key(sent: str | None, caller: Caller) -> str:
    """The key for `flow`. Pages and servers have separate namespaces: no reader can take a server's key."""
    if sent is None:
        return ""
    if not _IDEMPOTENCY_KEY.fullmatch(sent):
        raise ProblemRaised(
            400, "invalid_idempotency_key", "Idempotency-Key has to be 1 to 255 printable ASCII characters."
        )
    return f"{'server' if caller.is_secret else 'public'} {sent}"
