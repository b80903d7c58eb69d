"""How strict a site is: presets and fitted thresholds, each with what it would have done."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from moderation.admin.access import access_site
from moderation.admin.page import access_person, actor_of, show_page
from moderation.admin.sites import site_context
from moderation.domain.errors import Refused
from moderation.engine.verdict.presets import DEFAULT_HOLD_SHARE, FEWEST_TO_FIT, MEASURED, PRESETS, Preset
from moderation.flow.site.settings import change_policy
from moderation.models import Site
from moderation.models.role import RoleName
from moderation.queries.thresholds import FITTED, IN_FORCE, Comparison, Way, compare_thresholds

_MEANING = {
    Preset.RELAXED: "Only comments that are hardly ever harmless are held.",
    Preset.BALANCED: "About one harmless comment in 100 is held.",
    Preset.STRICT: "Comments with the slightest doubt are held.",
}


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """One row of the table."""

    name: str
    meaning: str
    way: Way
    is_in_force: bool


class ShareForm(forms.Form):
    """The share of harmless comments that may be held."""

    share = forms.FloatField(
        min_value=0.1,
        max_value=20,
        label="Harmless comments that may be held (%)",
        widget=forms.NumberInput(attrs={"step": "0.1"}),
    )


class ThresholdsForm(forms.Form):
    """The thresholds of the selected row, as it was shown."""

    based_on = forms.IntegerField()
    hold_at = forms.FloatField()
    abuse_hold_at = forms.FloatField()
    spam_at = forms.FloatField()


@require_http_methods(["GET", "HEAD", "POST"])
def thresholds_page(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """The choices of thresholds side by side; a POST puts one in force as a new version."""
    site = access_site(access_person(request), site_id, RoleName.EDITOR)
    if request.method == "POST":
        return _put_in_force(request, site)
    form = ShareForm({"share": request.GET.get("share", f"{100 * DEFAULT_HOLD_SHARE:g}")})
    share = form.cleaned_data["share"] / 100 if form.is_valid() else DEFAULT_HOLD_SHARE
    found = compare_thresholds(site.id, share)
    context = {
        **site_context(request, site, "policy"),
        "form": form,
        "choices": list(_choices(found, share)),
        "approved": found.approved,
        "removed": found.removed,
        "fewest": FEWEST_TO_FIT,
    }
    return show_page(request, "admin/sites/thresholds.html", context, status=422 if form.errors else 200)


def _choices(found: Comparison, share: float) -> Iterator[ThresholdRow]:
    """The thresholds in force have a row of their own only if they are not a preset."""
    meanings = {preset.value: f"{meaning} {MEASURED[preset]}" for preset, meaning in _MEANING.items()}
    meanings[FITTED] = f"At most {100 * share:g} % of the comments you approved would have been held."
    for way in found.ways:
        if way.name != IN_FORCE:
            is_in_force = way.thresholds == found.in_force
            yield ThresholdRow(way.name.capitalize(), meanings[way.name], way, is_in_force)
        elif way.thresholds not in PRESETS.values():
            yield ThresholdRow("Current", "Your own thresholds.", way, is_in_force=True)


def _put_in_force(request: HttpRequest, site: Site) -> HttpResponse:
    form = ThresholdsForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose one of the rows.")
        return redirect("admin:site-thresholds", site.id)
    settings: dict[str, Any] = {name: form.cleaned_data[name] for name in asdict(PRESETS[Preset.BALANCED])}
    try:
        new = change_policy(
            site.id, actor=actor_of(request), settings=settings, seen_version=form.cleaned_data["based_on"]
        )
    except Refused as problem:
        messages.error(request, problem.message)
        return redirect("admin:site-thresholds", site.id)
    messages.success(request, f"Version {new.version} is in force. The list below has the one before.")
    return redirect("admin:site-policy", site.id)
