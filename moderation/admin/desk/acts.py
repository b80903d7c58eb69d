"""Moderators' actions: decide on one comment or on several, and undo a decision."""

from collections.abc import Mapping
from uuid import UUID

from django.db import Error as StoreError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from moderation.admin.access import Access, read_access
from moderation.admin.desk.asking import Ask, UnclearAsk, read_ask
from moderation.admin.desk.bar import note_decided, note_undone, tell_refused
from moderation.admin.desk.dossier import show_dossier
from moderation.admin.desk.lists import show_list
from moderation.admin.desk.tabs import TabPage, read_place, read_uuid
from moderation.domain.errors import NotFound, Refused, StoreUnavailable
from moderation.flow.comments.decide import Decided, decide_many, undo
from moderation.flow.comments.undo import undo_batch
from moderation.flow.record import Actor
from moderation.lib.database_errors import is_passing
from moderation.lib.uuid7 import uuid7
from moderation.queries.desk import site_of_decision, sites_of_comments


@require_POST
def decide_picked(request: HttpRequest) -> HttpResponse:
    """Apply the decision to the versions that were seen, and redirect to where the form was sent from.

    If a single comment has changed in the meantime, show what changed and keep what was typed.
    """
    access = read_access(request)
    place = read_place(request.POST, access)
    try:
        ask = read_ask(request.POST)
    except UnclearAsk as problem:
        return show_list(request, access, place, problem=str(problem))
    sites = _find_sites([choice.comment_id for choice in ask.choices], access)
    batch_id = uuid7()
    results = _decide_on_all_sites(ask, sites, access, batch_id)
    if not ask.is_bulk and results[0].refusal is not None:
        ((_, why),) = tell_refused(results, sites)
        return show_dossier(request, access, results[0].comment_id, place, ask=ask, refusal=why)
    note_decided(request, ask, batch_id, results, sites)
    return _lead_back(place, ask.item)


@require_POST
def undo_last(request: HttpRequest) -> HttpResponse:
    """Undo everything that was decided in one batch."""
    access = read_access(request)
    place = read_place(request.POST, access)
    batch_id = read_uuid(request.POST.get("batch", ""))
    site_ids = [read_uuid(each) for each in request.POST.getlist("of")]
    if batch_id is None or not site_ids:
        raise Http404("There is nothing to undo.")
    results: list[Decided] = []
    sites: dict[UUID, UUID] = {}
    for site_id in site_ids:
        if site_id is None or site_id not in access.sites:
            raise Http404("There is no such site.")
        undone = _undo_on_site(batch_id, site_id, access.actor)
        sites |= {result.comment_id: site_id for result in undone}
        results += undone
    note_undone(request, results, sites)
    return _lead_back(place, read_uuid(request.POST.get("item", "")))


@require_POST
def undo_one(request: HttpRequest, comment_id: UUID) -> HttpResponse:
    """Undo the decision that the form names, if it is the comment's latest and was made by a person."""
    access = read_access(request)
    place = read_place(request.POST, access)
    site_id = _find_sites([comment_id], access)[comment_id]
    decision_id = read_uuid(request.POST.get("decision", ""))
    if decision_id is None or site_of_decision(decision_id, comment_id) != site_id:
        raise Http404("There is no such decision.")
    try:
        result = Decided(comment_id, undo(decision_id, site_id=site_id, actor=access.actor))
    except Refused as refusal:
        result = Decided(comment_id, refusal=refusal)
    note_undone(request, [result], {comment_id: site_id})
    return _lead_back(place, comment_id)


def _find_sites(comment_ids: list[UUID], access: Access) -> dict[UUID, UUID]:
    """The site of each comment. Raises `Http404` if one is not on the person's sites."""
    sites = sites_of_comments(comment_ids, access.site_ids())
    if set(sites) != set(comment_ids):
        raise Http404("There is no such comment.")
    return sites


def _decide_on_all_sites(
    ask: Ask, sites: Mapping[UUID, UUID], access: Access, batch_id: UUID
) -> list[Decided]:
    """Decide site by site, each in its own transaction, and report what cannot be done now."""
    results: list[Decided] = []
    for site_id in sorted(set(sites.values())):
        choices = [choice for choice in ask.choices if sites[choice.comment_id] == site_id]
        try:
            results += decide_many(
                choices,
                site_id=site_id,
                action=ask.action,
                reason=ask.reason,
                actor=access.actor,
                note=ask.note,
                batch_id=batch_id,
            )
        except StoreError as error:
            if not is_passing(error):  # a lock held for too long, a server that restarts
                raise
            results += [Decided(choice.comment_id, refusal=StoreUnavailable()) for choice in choices]
    return results


def _undo_on_site(batch_id: UUID, site_id: UUID, actor: Actor) -> list[Decided]:
    try:
        return undo_batch(batch_id, site_id=site_id, actor=actor)
    except NotFound:
        raise Http404("There is nothing to undo.") from None


def _lead_back(place: TabPage, item: UUID | None) -> HttpResponse:
    """Redirect to where the form was sent from; the fragment moves the focus to the bar."""
    if item is None:
        return redirect(f"{place.address()}#done")
    address = reverse("admin:queue_item", args=[item])
    return redirect(f"{address}{'?' if place.keep else ''}{place.keep}#done")
