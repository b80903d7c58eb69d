"""What a site has learned from its moderators: how it does, pausing it, and beginning anew."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from moderation.admin.access import access_site
from moderation.admin.page import access_person, actor_of, show_page
from moderation.admin.sites import site_context
from moderation.domain.signals import Axis
from moderation.flow.learning.learn import forget_lessons, pause_filter
from moderation.language.site_filter.learning import (
    AXES,
    LEAST_LESSONS,
    LEAST_OF_EACH,
    AxisFilter,
    LearnedFilter,
)
from moderation.models import Site, SiteFilter
from moderation.models.role import RoleName
from moderation.queries.lessons import MOST_LESSONS
from moderation.queries.site_filters import read_filter

_TITLES = {Axis.ABUSE: "Abuse", Axis.SPAM: "Spam"}
_BROKEN = "cannot be read: comments are held until the next decision makes it anew, or it is paused"
_SAID = {
    "pause": "The filter is paused. It learns on, and is not asked.",
    "resume": "The filter is in use again. It acts on the next comment.",
    "forget": "Everything learned is forgotten. The filter begins anew with the next decision.",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How one axis does, in words. `site` and `shared` are of 100 pairs those in the right order."""

    title: str
    state: str
    lessons: int
    compared: int
    site: str
    shared: str


@require_http_methods(["GET", "HEAD", "POST"])
def learning_page(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """The filter's figures; an editor may pause it, use it again, or let it forget."""
    site = access_site(access_person(request), site_id, RoleName.EDITOR)
    problem = ""
    if request.method == "POST":
        problem = _act(request, site)
        if not problem:
            messages.success(request, _SAID[request.POST["act"]])
            return redirect("admin:site-learning", site.id)
    row = SiteFilter.objects.filter(site=site).first() or SiteFilter(site=site)
    learned = read_filter(row)
    context = {
        **site_context(request, site, "learning"),
        "filter": row,
        "axes": [_describe(axis, learned, is_paused=row.is_paused) for axis in AXES],
        "most": MOST_LESSONS,
        "least": LEAST_LESSONS,
        "least_of_each": LEAST_OF_EACH,
        "problem": problem,
    }
    return show_page(request, "admin/sites/learning.html", context, status=422 if problem else 200)


def _act(request: HttpRequest, site: Site) -> str:
    """Do what the form asks; returns what is missing, or nothing. Raises `Http404` for no such act."""
    act = request.POST.get("act", "")
    if act not in _SAID:
        raise Http404("There is no such act.")
    if act == "forget":
        if request.POST.get("sure") != "yes":
            return "Tick the box if all lessons are to be forgotten."
        forget_lessons(site.id, actor=actor_of(request))
    else:
        pause_filter(site.id, is_paused=act == "pause", actor=actor_of(request))
    return ""


def _describe(axis: Axis, learned: LearnedFilter, *, is_paused: bool) -> Standing:
    own, running = learned.on(axis), learned.on(axis).running
    return Standing(
        title=_TITLES[axis],
        state=_BROKEN if learned.is_broken else _state(own, is_paused=is_paused),
        lessons=own.lessons,
        compared=running.count,
        site="none yet" if running.site is None else f"{100 * running.site:.1f}",
        shared="none yet" if running.shared is None else f"{100 * running.shared:.1f}",
    )


def _state(own: AxisFilter, *, is_paused: bool) -> str:
    if own.weights is None:
        return "silent: too few lessons of each kind"
    if not own.running.is_on:
        return "switched off: it does worse than the shared model"
    return "paused" if is_paused else "in use"
