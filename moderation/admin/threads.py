"""A site's threads: find one, open it, close it, or let it follow the site."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from moderation.admin.access import access_site
from moderation.admin.page import access_person, actor_of, show_page
from moderation.admin.sites import site_context
from moderation.domain.errors import NotFound
from moderation.flow.site.settings import change_thread
from moderation.models import Thread
from moderation.models.role import RoleName

PAGE_SIZE = 50
STATES: dict[str, bool | None] = {"site": None, "open": True, "closed": False}


class ThreadSearch(forms.Form):
    """The position in the list. Invalid values are ignored."""

    q = forms.CharField(required=False, max_length=300)
    before = forms.UUIDField(required=False)


@require_safe
def thread_list(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """The newest threads first, page by page from the last one seen."""
    site = access_site(access_person(request), site_id, RoleName.EDITOR)
    asked = ThreadSearch(request.GET)
    asked.is_valid()
    term, before = asked.cleaned_data.get("q", ""), asked.cleaned_data.get("before")
    found = Thread.objects.filter(site=site).order_by("-id")
    if term:
        found = found.filter(Q(title__istartswith=term) | Q(key__startswith=term))
    if before:
        found = found.filter(id__lt=before)
    rows = list(found[: PAGE_SIZE + 1])
    threads = rows[:PAGE_SIZE]
    context = {
        **site_context(request, site, "threads"),
        "threads": threads,
        "term": term,
        "before": before,
        "next": _query(term, str(threads[-1].id)) if len(rows) > PAGE_SIZE else "",
    }
    return show_page(request, "admin/sites/threads.html", context)


@require_POST
def thread_change(request: HttpRequest, site_id: UUID, thread_id: UUID) -> HttpResponse:
    """Open or close one thread, or let the site decide."""
    site = access_site(access_person(request), site_id, RoleName.EDITOR)
    state = request.POST.get("state", "")
    if state not in STATES:
        raise Http404
    try:
        thread = change_thread(thread_id, site_id=site.id, is_open=STATES[state], actor=actor_of(request))
    except NotFound:
        raise Http404 from None
    said = {"site": "follows the site", "open": "is open", "closed": "is closed"}[state]
    messages.success(request, f"“{thread}” {said}.")
    back = ThreadSearch(request.POST)
    back.is_valid()
    query = _query(back.cleaned_data.get("q", ""), str(back.cleaned_data.get("before") or ""))
    return redirect(f"{reverse('admin:site-threads', args=[site.id])}{query}")


def _query(term: str, before: str) -> str:
    named = {name: value for name, value in (("q", term), ("before", before)) if value}
    return f"?{urlencode(named)}" if named else ""
