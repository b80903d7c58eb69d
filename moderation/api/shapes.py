"""How things look in JSON. No shape has an address: those for readers not even its mask."""

from typing import Any
from uuid import UUID

from moderation.domain.status import Status, tell_reader
from moderation.engine.verdict.sentences import say
from moderation.models import Comment, Decision, Screening, Thread
from moderation.privacy import vault
from moderation.queries.threads import PublishedComment, ThreadPage


def show_status(comment_id: UUID, status: Status) -> dict[str, Any]:
    """What a reader is told of a comment."""
    return {"id": comment_id, "status": tell_reader(status)}


def show_comment(comment: Comment, screening: Screening | None) -> dict[str, Any]:
    """A comment as its site's own server sees it."""
    return {
        "id": comment.id,
        "status": comment.status,
        "reader_status": tell_reader(Status(comment.status)),
        "version": comment.version,
        "thread": _show_thread_ref(comment.thread),
        "parent": comment.parent_id,
        "author": {
            "name": comment.author_name,
            "ref": vault.author_ref(bytes(comment.author.address_hash), site_id=comment.site_id),
            "website": comment.website or None,
            "email_mask": comment.email_mask or None,
            "is_verified": comment.author.is_proven,
        },
        "body": comment.current_revision.body,
        "submitted_at": comment.submitted_at,
        "created_at": comment.created_at,
        "published_at": comment.published_at,
        "screening": _show_screening(screening) if screening else None,
    }


def show_decision(decision: Decision) -> dict[str, Any]:
    """A decision, with the comment's version after it."""
    return {
        "id": decision.id,
        "comment": decision.comment_id,
        "action": decision.action,
        "reason": decision.reason,
        "note": decision.note or None,
        "from_status": decision.from_status,
        "to_status": decision.to_status,
        "version": decision.comment_version,
        "by": decision.actor_kind,
        "reverses": decision.reverses_id,
        "created_at": decision.created_at,
    }


def show_thread(thread: Thread, page: ThreadPage, *, is_open: bool) -> dict[str, Any]:
    """One page of a thread as readers see it."""
    return {
        **_show_thread_ref(thread),
        "is_open": is_open,
        "published_count": thread.published_count,
        "comments": [_show_published(comment, thread.site_id) for comment in page.comments],
        "next_after": page.next_after,
        "more_replies": [{"root": root, "after": after} for root, after in page.more_replies.items()],
    }


def show_empty_thread(*, key: str, url: str, is_open: bool) -> dict[str, Any]:
    """A page of the site that nobody has commented on yet."""
    thread = {"id": None, "key": key or None, "url": url or None, "title": None}
    nothing = {"published_count": 0, "comments": [], "next_after": None, "more_replies": []}
    return {**thread, "is_open": is_open, **nothing}


def _show_thread_ref(thread: Thread) -> dict[str, Any]:
    return {
        "id": thread.id,
        "key": thread.key,
        "url": thread.url or None,
        "title": thread.title or None,
    }


def _show_published(comment: PublishedComment, site_id: UUID) -> dict[str, Any]:
    author = None
    if not comment.is_removed:
        author = {
            "name": comment.author_name,
            "ref": vault.author_ref(comment.author_ref, site_id=site_id),
            "website": comment.website or None,
        }
    return {
        "id": comment.id,
        "parent": comment.parent_id,
        "root": comment.root_id,
        "depth": comment.depth,
        "is_removed": comment.is_removed,
        "author": author,
        "body_html": comment.body_html,
        "submitted_at": comment.submitted_at,
    }


def _show_screening(screening: Screening) -> dict[str, Any]:
    return {
        "outcome": screening.outcome,
        "explanation": screening.explanation,
        "reasons": [_show_reason(reason) for reason in screening.reasons],
        "signals": [_show_signal(signal) for signal in screening.signals],
        "scores": screening.scores,
        "engine_version": screening.engine_version,
        "policy_version": screening.policy_version,
        "runner": screening.runner,
        "duration_ms": screening.duration_ms,
        "created_at": screening.created_at,
    }


def _show_reason(stored: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": stored["code"],
        "sentence": say(stored["code"], stored["params"]),
        "axis": stored["axis"],
        "points": stored["points"],
        "spans": [{"start": start, "end": end, "field": field} for start, end, field in stored["spans"]],
    }


def _show_signal(stored: dict[str, Any]) -> dict[str, Any]:
    return {**_show_reason(stored), "confidence": stored["confidence"], "check": stored["check"]}
