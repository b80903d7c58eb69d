"""Stores a checked comment as one of the site's, and takes its moderators' decisions."""

from collections.abc import Iterable
from uuid import UUID

from moderation.compat.cleantalk.mapping import clean_fields
from moderation.compat.cleantalk.reading import CheckRequest, Feedback
from moderation.compat.keys import CompatCaller
from moderation.domain.errors import ActionNotPossible, Duplicate, NotFound, Refused
from moderation.domain.fields import CleanFields
from moderation.domain.status import Action
from moderation.flow.comments.reported import decide_reported
from moderation.flow.comments.submit import (
    ANONYMOUS,
    Submission,
    author_hashes,
    hash_body,
    submit_comment,
)
from moderation.flow.comments.threads import ThreadRef, thread_key
from moderation.lib.urls import canonical_or_none, host_of
from moderation.models.key import Scope
from moderation.queries.said_before import belongs_to, find_said


def store_check(asked: CheckRequest, caller: CompatCaller) -> UUID | None:
    """The comment's id; None where it is not stored: it is not public, its page is not the site's, somebody
    without address and network wrote it, or the key may not submit.
    """
    fields, page = clean_fields(asked), _page(asked, caller)
    may_store = asked.is_public and caller.may(Scope.SUBMIT)
    if not may_store or not page or not fields.body or not (fields.email or asked.ip):
        return None
    thread = ThreadRef(url=page, canonical=page)
    submission = Submission(
        site=caller.site,
        thread=thread,
        fields=fields,
        form_facts={"source": "server"},
        may_create_thread_anywhere=True,
        ip=asked.ip,
    )
    try:
        return submit_comment(submission).comment_id
    except Duplicate:
        return _find_same(fields, asked.ip, thread, caller)
    except Refused:  # its thread is closed, say
        return None


def take_feedback(given: Iterable[Feedback], caller: CompatCaller) -> int:
    """Decide as a moderator of the site would; returns how many comments were known."""
    known = 0
    for feedback in given:
        comment_id = _known_id(feedback.request_id, caller)
        if comment_id is not None:
            known += 1
            _decide(comment_id, caller, is_spam=feedback.is_spam)
    return known


def _decide(comment_id: UUID, caller: CompatCaller, *, is_spam: bool) -> None:
    action, reason = (Action.SPAM, "spam") if is_spam else (Action.APPROVE, "fine")
    site_id, actor = caller.site.id, caller.actor
    try:
        decide_reported(comment_id, site_id=site_id, action=action, reason=reason, actor=actor)
    except (ActionNotPossible, NotFound):
        return  # it stands so already, or is gone


def _known_id(text: str, caller: CompatCaller) -> UUID | None:
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if belongs_to(caller.site.id, found) else None


def _find_same(fields: CleanFields, ip: str, thread: ThreadRef, caller: CompatCaller) -> UUID | None:
    said = find_said(
        caller.site.id,
        thread_key=thread_key(thread),
        author_name=fields.name or ANONYMOUS,
        address_hashes=author_hashes(fields, ip, site_id=caller.site.id),
        body_hash=hash_body(fields.body),
    )
    return said.comment_id if said else None


def _page(asked: CheckRequest, caller: CompatCaller) -> str:
    """The first address in the request that is on one of the site's hosts; "" for none."""
    for url in asked.page_urls:
        canonical = canonical_or_none(url)
        if canonical is not None and host_of(canonical) in caller.site.hosts:
            return canonical
    return ""
