"""One comment with everything that helps to decide on it, and the button that reveals an address."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from moderation.admin.access import Access, read_access
from moderation.admin.desk.asking import Ask
from moderation.admin.desk.bar import read_bar
from moderation.admin.desk.cards import build_card, build_evidence, build_past, excerpt, tell_when
from moderation.admin.desk.tabs import TabPage, read_place
from moderation.admin.desk.words import OFFERED, name_event_actor, tell_status
from moderation.admin.page import show_page
from moderation.domain.errors import ActionNotPossible, InvalidFields, NotAllowed, NotFound
from moderation.domain.signals import signal_from_json
from moderation.engine.counterfactual import words_to_flip
from moderation.engine.facts import Context
from moderation.engine.verdict.explain import DONE_WORDS
from moderation.flow.comments.decide import is_undoable
from moderation.flow.keeping.reveal import MOST_REASON, reveal_contact
from moderation.language.fold.normalise import normalise
from moderation.lib.clock import now
from moderation.models import AuditEvent, Comment, Screening
from moderation.models.role import RoleName
from moderation.queries.desk import Dossier, access_dossier
from moderation.queries.site_facts import load_sites


@require_safe
def comment_page(request: HttpRequest, comment_id: UUID) -> HttpResponse:
    """One comment: text, evidence, history, thread."""
    access = read_access(request)
    return show_dossier(request, access, comment_id, read_place(request.GET, access))


@require_POST
def reveal(request: HttpRequest, comment_id: UUID) -> HttpResponse:
    """Show the author's address, once, to an editor who gives a reason. The audit event is written first."""
    access = read_access(request)
    place = read_place(request.POST, access)
    site_id = _find(access, comment_id, RoleName.EDITOR).row.comment.site_id
    reason = request.POST.get("reason", "")
    shown = {"reveal_reason": reason[:MOST_REASON]}
    try:
        address = reveal_contact(comment_id, site_id=site_id, reason=reason, actor=access.actor)
        shown = {"address": address}
    except InvalidFields as problem:
        shown["reveal_problem"] = problem.errors[0].message
    except ActionNotPossible as problem:
        shown["reveal_problem"] = problem.message
    except (NotFound, NotAllowed):
        raise Http404("There is no such comment.") from None
    return show_dossier(request, access, comment_id, place, reveal=shown)


def show_dossier(
    request: HttpRequest,
    access: Access,
    comment_id: UUID,
    place: TabPage,
    *,
    ask: Ask | None = None,
    refusal: str = "",
    reveal: dict[str, str] | None = None,
) -> HttpResponse:
    """The comment's page. With a `refusal` it says what changed and keeps what was entered in `ask`."""
    found = _find(access, comment_id)
    comment = found.row.comment
    context = {
        **_describe(found, now()),
        "title": f"Comment by {comment.author_name or 'Anonymous'}",
        "section": "queue",
        "place": place,
        "reasons": OFFERED,
        "ask": ask,
        "refusal": refusal,
        "bar": read_bar(request),
        "may_reveal": access.may(comment.site_id, RoleName.EDITOR),
        "undoable": [d.id for d in found.decisions if is_undoable(d, comment)],
        **(reveal or {}),
    }
    http_status = 409 if refusal else 422 if "reveal_problem" in context else 200
    return show_page(request, "admin/desk/comment.html", context, status=http_status)


def _find(access: Access, comment_id: UUID, least: RoleName = RoleName.MODERATOR) -> Dossier:
    try:
        return access_dossier(access.site_ids(least), comment_id)
    except NotFound:
        raise Http404("There is no such comment.") from None


def _describe(found: Dossier, moment: datetime) -> dict[str, Any]:
    return {
        "card": build_card(found.row, moment, whole=True),
        "hangs_on": _tell_words(found),
        "pasts": [build_past(decision, moment) for decision in found.decisions],
        "screenings": [_describe_screening(screening, moment) for screening in found.screenings],
        "revisions": [(revision, tell_when(revision.created_at, moment)) for revision in found.revisions],
        "events": [_describe_event(event, moment) for event in found.events],
        "of_author": [_describe_other(other, moment) for other in found.of_author],
        "above": [_describe_other(other, moment) for other in reversed(found.above)],
        "beside": [_describe_other(other, moment) for other in reversed(found.beside)],
        "replies": [_describe_other(other, moment) for other in found.replies],
    }


def _tell_words(found: Dossier) -> dict[str, Any] | None:
    """The words without which the current verdict would be milder under the policy in force."""
    comment, screening = found.row.comment, found.row.screening
    if screening is None or screening.revision_id != comment.current_revision_id:
        return None
    site = load_sites([comment.site_id])[comment.site_id]
    body = comment.current_revision.body
    names = comment.author_name, comment.website, comment.email_domain
    context = Context(body, normalise(body), *names, site.facts)
    flip = words_to_flip(context, [signal_from_json(each) for each in screening.signals], site.policy)
    if flip is None:
        return None
    words = [body[span.start : span.end] for span in flip.spans]
    return {"words": words, "outcome": DONE_WORDS[flip.outcome]}


def _describe_screening(screening: Screening, moment: datetime) -> dict[str, Any]:
    return {
        "row": screening,
        "when": tell_when(screening.created_at, moment),
        "scores": [(name, f"{float(points):.1f}") for name, points in sorted(screening.scores.items())],
        "signals": [
            (build_evidence(number, signal), signal)
            for number, signal in enumerate(screening.signals, start=1)
        ],
    }


def _describe_event(event: AuditEvent, moment: datetime) -> dict[str, Any]:
    who = name_event_actor(event)
    details = [(name, value) for name, value in event.data.items() if name != "decision"]
    return {"kind": event.kind, "who": who, "when": tell_when(event.created_at, moment), "details": details}


def _describe_other(other: Comment, moment: datetime) -> dict[str, Any]:
    return {
        "id": other.id,
        "name": other.author_name,
        "status": tell_status(other.status),
        "text": excerpt(other.current_revision.body),
        "when": tell_when(other.submitted_at, moment),
        "thread": str(other.thread),
    }
