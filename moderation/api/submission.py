"""From a request's body to a `Submission`: parsed and typed here, validated by `flow`."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from moderation.api.authentication import Caller
from moderation.api.fields import Fields
from moderation.api.problems import ProblemRaised
from moderation.domain.errors import FieldError, InvalidFields
from moderation.domain.fields import CleanFields, clean_submission_fields
from moderation.flow.comments.submit import Submission
from moderation.flow.comments.threads import ThreadRef
from moderation.lib.urls import canonical_or_none
from moderation.privacy.tokens import read_form_token

READERS_FIELDS = ("body", "name", "email", "website")
MOST_KEY, MOST_URL, MOST_TITLE, MOST_TOKEN = 500, 2000, 300, 600
_IDEMPOTENCY_KEY = re.compile(r"[\x20-\x7e]{1,255}")


def build_submission(
    raw: Mapping[str, Any], *, caller: Caller, ip: str, body: bytes, idempotency_key: str | None
) -> Submission:
    """The submission in a parsed body `raw`. Raises `InvalidFields` with every mistake in it."""
    fields = Fields(raw)
    thread = _read_thread(fields)
    typed = {name: fields.value(name) for name in READERS_FIELDS}
    parent_id = fields.uuid("parent")
    values = _read_of_server(fields) if caller.is_secret else _read_of_page(fields, caller, thread, ip)
    _refuse_fields_of_others(fields, caller)
    cleaned, mistakes = _clean(typed, requires_email=caller.site.requires_email)
    fields.finish(also=mistakes)
    return Submission(
        site=caller.site,
        thread=thread,
        fields=cleaned or typed,
        parent_id=parent_id,
        idempotency_key=_name_idempotency_key(idempotency_key, caller),
        request_hash=hashlib.sha256(body).digest(),
        **values,
    )


def _read_thread(fields: Fields) -> ThreadRef:
    inner = fields.inner("thread")
    key = inner.text("key", most=MOST_KEY, one_line=True)
    url = inner.text("url", most=MOST_URL, one_line=True)
    if not (key or url or fields.errors):
        inner.note("url", "required", "Name the page by its url, or by a key of your own.")
    canonical = canonical_or_none(url) if url else ""
    if canonical is None:
        inner.note("url", "invalid_url", "Give the page's full address, https://…")
    title = " ".join(inner.text("title", most=MOST_TITLE).split())
    inner.refuse_others()
    return ThreadRef(key=key, url=url, title=title, canonical=canonical or "")


def _read_of_server(fields: Fields) -> dict[str, Any]:
    """What a site's own server may say of its reader."""
    return {
        "ip": fields.ip("author_ip"),
        "submitted_at": fields.moment("submitted_at"),
        "is_author_proven": fields.flag("author_verified"),
        "may_create_thread_anywhere": True,
        "form_facts": {"source": "server"},
    }


def _read_of_page(fields: Fields, caller: Caller, thread: ThreadRef, ip: str) -> dict[str, Any]:
    """What a script in a page says of the form that it showed."""
    sent = fields.text("form_token", most=MOST_TOKEN, one_line=True)
    honeypot = fields.text("honeypot", most=MOST_URL)
    token = read_form_token(sent, site_id=caller.site.id, thread=thread.key or thread.url)
    return {
        "ip": ip,
        "form_facts": {
            "source": "script",
            "honeypot_filled": bool(honeypot),
            "token_age_s": token.age_s,
            "token_by_script": token.by_script,
            "token_confirmed": token.confirmed,
        },
    }


_SERVERS_FIELDS = ("author_ip", "submitted_at", "author_verified")
_PAGES_FIELDS = ("form_token", "honeypot")


def _refuse_fields_of_others(fields: Fields, caller: Caller) -> None:
    """The other kind of key's fields are known, but not believed."""
    others, words = (
        (_PAGES_FIELDS, "Only a public key may send this.")
        if caller.is_secret
        else (_SERVERS_FIELDS, "Only a secret key may send this.")
    )
    for name in others:
        if fields.value(name) is not None:
            fields.note(name, "not_for_this_key", words)


def _clean(
    typed: Mapping[str, object], *, requires_email: bool
) -> tuple[CleanFields | None, list[FieldError]]:
    """The reader's fields as `flow` takes them, or what is wrong with them."""
    try:
        return clean_submission_fields(typed, requires_email=requires_email), []
    except InvalidFields as invalid:
        return None, invalid.errors


def _name_idempotency_key(sent: str | None, caller: Caller) -> str:
    """The key for `flow`. Pages and servers have names of their own: no reader can take a server's."""
    if sent is None:
        return ""
    if not _IDEMPOTENCY_KEY.fullmatch(sent):
        raise ProblemRaised(
            400, "invalid_idempotency_key", "Idempotency-Key has to be 1 to 255 printable ASCII characters."
        )
    return f"{'server' if caller.is_secret else 'public'} {sent}"
