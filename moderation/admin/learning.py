"""The page of a site's filter: how well it does, pausing it, and starting again."""

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
from moderation.flow.learning.refit import forget_examples, pause_filter
from moderation.language.site_filter.training import (
    AXES,
    LEAST_EXAMPLES,
    LEAST_OF_EACH,
    AxisFilter,
    LearnedFilter,
)
from moderation.models import Site, SiteFilter
from moderation.models.role import RoleName
from moderation.queries.site_filters import read_filter
from moderation.queries.training_examples import MOST_EXAMPLES

_TITLES = {Axis.ABUSE: "Abuse", Axis.SPAM: "Spam"}
_BROKEN = "cannot be read: comments are held until the next decision refits it, or until it is paused"
_MESSAGES = {
    "pause": "The filter is paused. It keeps learning, but is not used.",
    "resume": "The filter is in use again, from the next comment on.",
    "forget": "Everything the filter has learned is forgotten. It starts again with the next decision.",
}


@dataclass(frozen=True, slots=True)
class AxisFigures:
    """The figures of one axis, as text. `site` and `shared` are the areas under the curve in per cent."""

    title: str
    state: str
    example_count: int
    compared: int
    site: str
    shared: str


@require_http_methods(["GET", "HEAD", "POST"])
def learning_page(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """The filter's figures. An editor may pause it, resume it, or make it forget."""
    site = access_site(access_person(request), site_id, RoleName.EDITOR)
    problem = ""
    if request.method == "POST":
        problem = _act(request, site)
        if not problem:
            messages.success(request, _MESSAGES[request.POST["act"]])
            return redirect("admin:site-learning", site.id)
    row = SiteFilter.objects.filter(site=site).first() or SiteFilter(site=site)
    learned = read_filter(row)
    context = {
        **site_context(request, site, "learning"),
        "filter": row,
        "axes": [_describe(axis, learned, is_paused=row.is_paused) for axis in AXES],
        "most": MOST_EXAMPLES,
        "least": LEAST_EXAMPLES,
        "least_of_each": LEAST_OF_EACH,
        "problem": problem,
    }
    return show_page(request, "admin/sites/learning.html", context, status=422 if problem else 200)


def _act(request: HttpRequest, site: Site) -> str:
    """Do what the form asks for. Returns what is missing, or nothing. Raises `Http404` for an unknown act."""
    act = request.POST.get("act", "")
    if act not in _MESSAGES:
        raise Http404("There is no such act.")
    if act == "forget":
        if request.POST.get("sure") != "yes":
            return "Tick the box to confirm that the filter shall forget everything."
        forget_examples(site.id, actor=actor_of(request))
    else:
        pause_filter(site.id, is_paused=act == "pause", actor=actor_of(request))
    return ""


def _describe(axis: Axis, learned: LearnedFilter, *, is_paused: bool) -> AxisFigures:
    own, validation = learned.on(axis), learned.on(axis).validation
    return AxisFigures(
        title=_TITLES[axis],
        state=_BROKEN if learned.is_broken else _state(own, is_paused=is_paused),
        example_count=own.example_count,
        compared=validation.count,
        site=_percent(validation.site_auc),
        shared=_percent(validation.shared_auc),
    )


def _percent(auc: float | None) -> str:
    return "none yet" if auc is None else f"{100 * auc:.1f}"


def _state(own: AxisFilter, *, is_paused: bool) -> str:
    if own.weights is None:
        return "not in use: too few decisions each way"
    if not own.validation.is_on:
        return "switched off: it does worse than the shared model"
    return "paused" if is_paused else "in use"
