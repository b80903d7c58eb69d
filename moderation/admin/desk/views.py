"""The desk: lists of comments to work on, one comment with all that is known of it, and the acts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from moderation.admin.access import Access, read_access
from moderation.admin.desk.asking import OFFERED, Ask, UnclearAsk, read_ask
from moderation.admin.desk.bar import note_decided, note_undone, read_bar
from moderation.admin.desk.cards import build_card
from moderation.admin.desk.dossier import show_dossier
from moderation.admin.desk.tabs import BUTTONS, TABS, Place, read_place, read_uuid
from moderation.admin.page import show_page
from moderation.domain.errors import NotFound
from moderation.domain.status import Status
from moderation.flow.decide import Decided, decide_many
from moderation.flow.undo import undo_batch
from moderation.lib.clock import now
from moderation.lib.uuid7 import uuid7
from moderation.queries.desk import (
    MOST_COUNTED,
    DeskPage,
    done_since,
    held_counts,
    held_page,
    sites_of_comments,
    status_page,
)


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The comments of one tab, in the order in which to work them."""
    return _show_list(request, read_place(request.GET, read_access(request)))


@require_POST
def decide_picked(request: HttpRequest) -> HttpResponse:
    """Carry out what the form asks, in the version that was seen, and lead back to where it was sent from.

    A single comment that changed meanwhile is shown with what changed, and what was typed stays.
    """
    access = read_access(request)
    place = read_place(request.POST, access)
    try:
        ask = read_ask(request)
    except UnclearAsk as problem:
        return _show_list(request, place, problem=str(problem))
    batch_id = uuid7()
    results = _decide_on_all_sites(ask, access, batch_id)
    if not ask.is_bulk and results[0].refusal is not None:
        return show_dossier(
            request, access, results[0].comment_id, place, ask=ask, refusal=results[0].refusal
        )
    note_decided(request, ask.action, batch_id, results)
    return redirect(place.address())


@require_POST
def undo_last(request: HttpRequest) -> HttpResponse:
    """Take back everything that was decided in one go."""
    access = read_access(request)
    place = read_place(request.POST, access)
    batch_id = read_uuid(request.POST.get("batch", ""))
    if batch_id is None:
        raise Http404("There is nothing to take back.")
    results: list[Decided] = []
    for site_id in access.site_ids():
        try:
            results += undo_batch(batch_id, site_id=site_id, actor=access.actor)
        except NotFound:
            continue
    if not results:
        raise Http404("There is nothing to take back.")
    note_undone(request, results)
    return redirect(place.address())


def _decide_on_all_sites(ask: Ask, access: Access, batch_id: UUID) -> list[Decided]:
    """Decide site by site. Raises `Http404` before anything is done if one comment is not theirs."""
    choices = {choice.comment_id: choice for choice in ask.choices}
    sites = sites_of_comments(list(choices), access.site_ids())
    if set(sites) != set(choices):
        raise Http404("There is no such comment.")
    results: list[Decided] = []
    for site_id in sorted(set(sites.values())):
        results += decide_many(
            [choice for comment_id, choice in choices.items() if sites[comment_id] == site_id],
            site_id=site_id,
            action=ask.action,
            reason=ask.reason,
            actor=access.actor,
            note=ask.note,
            batch_id=batch_id,
        )
    return results


def _show_list(request: HttpRequest, place: Place, *, problem: str = "") -> HttpResponse:
    access = read_access(request)
    moment = now()
    site_ids = place.site_ids(access)
    page = _load_page(place, site_ids)
    counts = held_counts(site_ids)
    waiting = sum(counts.values())
    context = {
        "title": place.tab.title,
        "section": "queue",
        "place": place,
        "tabs": [(tab, place.address(tab=tab.name, after="")) for tab in TABS.values()],
        "waiting": f"{MOST_COUNTED}+" if waiting > MOST_COUNTED else str(waiting),
        "sites": access.sites.values(),
        "cards": [build_card(row, moment) for row in page.rows],
        "next_address": place.address(after=page.next_after) if page.next_after else "",
        "first_address": place.address(after="") if place.after else "",
        "buttons": [(action.value, BUTTONS[action]) for action in place.tab.actions],
        "reasons": OFFERED,
        "bar": read_bar(request),
        "problem": problem,
        "picked": request.POST.getlist("pick"),
        "done": _done_today(place, site_ids, moment) if not page.rows else [],
    }
    return show_page(request, "admin/desk/queue.html", context, status=422 if problem else 200)


def _load_page(place: Place, site_ids: list[UUID]) -> DeskPage:
    if place.tab.status == Status.HELD:
        return held_page(site_ids, after=place.after)
    return status_page(site_ids, place.tab.status, after=place.after)


def _done_today(place: Place, site_ids: list[UUID], moment: datetime) -> list[tuple[str, int]]:
    """What people have done since midnight, in the order in which it is told; for an empty queue."""
    if place.tab.status != Status.HELD:
        return []
    since = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    counts: dict[str, Any] = done_since(site_ids, since)
    words = {"approve": "approved", "reject": "rejected", "spam": "marked as spam", "delete": "deleted"}
    return [(word, counts[action]) for action, word in words.items() if counts.get(action)]
