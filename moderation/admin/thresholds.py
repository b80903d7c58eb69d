"""How strict a site is: presets and thresholds that fit it, each with what it would have done."""

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
from moderation.checks.presets import (
    DEFAULT_HOLD_SHARE,
    FEWEST_TO_FIT,
    PRESETS,
    Effect,
    Judged,
    Preset,
    Thresholds,
    fit_thresholds,
    tell_effect,
)
from moderation.domain.errors import Refused
from moderation.flow.settings import change_policy
from moderation.models import Site
from moderation.models.role import RoleName
from moderation.queries.outcomes import approved_comments, removed_comments
from moderation.queries.site_facts import policies_of

_MEANING = {
    Preset.RELAXED: "Only what is hardly ever harmless waits for a person.",
    Preset.BALANCED: "About one harmless comment in 100 waits for a person.",
    Preset.STRICT: "The faintest doubt waits for a person.",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One row of the table: thresholds, and what the policy would have done with them."""

    name: str
    meaning: str
    thresholds: Thresholds
    approved: Effect
    removed: Effect
    is_in_force: bool


class ShareForm(forms.Form):
    """How many harmless comments may wait."""

    share = forms.FloatField(
        min_value=0.1,
        max_value=20,
        label="Harmless comments that may be held, in %",
        widget=forms.NumberInput(attrs={"step": "0.1"}),
    )


class ThresholdsForm(forms.Form):
    """The thresholds of the row that was chosen, as it was shown."""

    based_on = forms.IntegerField()
    hold_at = forms.FloatField()
    abuse_hold_at = forms.FloatField()
    spam_at = forms.FloatField()


@require_http_methods(["GET", "HEAD", "POST"])
def thresholds_page(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """The ways to choose thresholds, side by side; posting a row puts it in force as a new version."""
    site = access_site(access_person(request), site_id, RoleName.EDITOR)
    if request.method == "POST":
        return _put_in_force(request, site)
    form = ShareForm({"share": request.GET.get("share", f"{100 * DEFAULT_HOLD_SHARE:g}")})
    share = form.cleaned_data["share"] / 100 if form.is_valid() else DEFAULT_HOLD_SHARE
    policy = policies_of([site.id])[site.id]
    approved, removed = approved_comments(site.id, policy), removed_comments(site.id, policy)

    def describe(name: str, meaning: str, thresholds: Thresholds) -> Choice:
        tried = thresholds.within(policy)
        effects = tell_effect(approved, tried), tell_effect(removed, tried)
        return Choice(name, meaning, thresholds, *effects, is_in_force=tried == policy)

    context = {
        **site_context(request, site, "policy"),
        "form": form,
        "choices": [describe(*way) for way in _ways(Thresholds.of(policy), approved, share)],
        "approved": len(approved),
        "removed": len(removed),
        "fewest": FEWEST_TO_FIT,
    }
    return show_page(request, "admin/sites/thresholds.html", context, status=422 if form.errors else 200)


def _ways(
    in_force: Thresholds, approved: list[Judged], share: float
) -> Iterator[tuple[str, str, Thresholds]]:
    """Name, meaning and thresholds of each row."""
    if in_force not in PRESETS.values():
        yield "As it is", "Thresholds of your own.", in_force
    for preset, thresholds in PRESETS.items():
        yield preset.value.capitalize(), _MEANING[preset], thresholds
    fitted = fit_thresholds(approved, share)
    if fitted:
        yield "Fitted", f"At most {100 * share:g} % of what you approved would have waited.", fitted


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
    messages.success(
        request, f"Version {new.version} is in force. The list below leads back to the one before."
    )
    return redirect("admin:site-policy", site.id)
