"""A site's policy and lists: the version in force, changing it, and going back to an older one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from moderation.admin.access import access_site
from moderation.admin.fields import LinesField, WeightsField
from moderation.admin.page import access_person, actor_of, add_errors, show_page
from moderation.admin.policy_deviations import tell_deviations
from moderation.admin.sites import site_context
from moderation.domain.errors import ActionNotPossible, FieldError, InvalidFields, Refused
from moderation.engine.verdict.defaults import CURRENT_DEFAULTS, DEFAULTS, current_defaults
from moderation.engine.verdict.deviations import settings_with
from moderation.flow.site.settings import LIST_FIELDS, change_policy, lists_of, restore_policy
from moderation.models import PolicyVersion, Site
from moderation.models.role import RoleName

MOST_VERSIONS = 100
_CODES_HINT = "Signal codes, one per line, such as links.first_link."


def _points(label: str, hint: str) -> forms.FloatField:
    return forms.FloatField(min_value=0, max_value=1000, label=label, help_text=hint)


class PolicyForm(forms.Form):
    """All fields of `Policy` and of a site's lists."""

    based_on = forms.IntegerField(widget=forms.HiddenInput)
    hold_at = _points("Hold at", "A comment with this many points for spam and quality together is held.")
    abuse_hold_at = _points("Hold abuse at", "A comment with this many points for abuse is held.")
    spam_at = _points("Spam at", "A comment with this many points for spam is marked as spam.")
    premoderate = forms.BooleanField(required=False, label="Hold every comment for review")
    sample_percent = forms.FloatField(
        min_value=0,
        max_value=10,
        label="Sample (%)",
        help_text="The share of published comments drawn at random for review. Readers see no difference.",
    )
    blocked_words = LinesField(
        rows=6, required=False, label="Blocked words", help_text="Words or phrases, one per line."
    )
    allowed_words = LinesField(
        rows=6, required=False, label="Allowed words", help_text="Never treated as blocked words."
    )
    blocked_domains = LinesField(
        rows=4, required=False, label="Blocked domains", help_text="One per line; subdomains are included."
    )
    allowed_domains = LinesField(
        rows=4, required=False, label="Allowed domains", help_text="Links to them are not suspicious."
    )
    hold_codes = LinesField(rows=8, required=False, label="Signals that hold", help_text=_CODES_HINT)
    spam_codes = LinesField(rows=8, required=False, label="Signals that mean spam", help_text=_CODES_HINT)
    reject_codes = LinesField(rows=8, required=False, label="Signals that reject", help_text=_CODES_HINT)
    weights = WeightsField(
        required=False, help_text="Multipliers for points, one per line, such as links.many = 1.5."
    )

    def policy_settings(self) -> dict[str, Any]:
        """What was typed, as a policy stores it."""
        left_out = {"based_on", *LIST_FIELDS}
        return {name: value for name, value in self.cleaned_data.items() if name not in left_out}

    def policy_lists(self) -> dict[str, str]:
        """The lists, one entry per line."""
        return {name: "\n".join(self.cleaned_data[name]) for name in LIST_FIELDS}


def values_of(row: PolicyVersion, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """A stored version as the form shows it, over `defaults`, even if today's validation would refuse it."""
    return {**settings_with(row.settings, defaults), **lists_of(row), "based_on": row.version}


@require_http_methods(["GET", "HEAD", "POST"])
def policy_page(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """The policy in force, and its former versions; an editor may put a new one in force."""
    site = access_site(access_person(request), site_id, RoleName.EDITOR)
    current = _access_version(site, site.policy_version)
    form = PolicyForm(request.POST or None, initial=values_of(current, current_defaults()))
    if request.method == "POST" and form.is_valid():
        try:
            new = change_policy(
                site.id,
                actor=actor_of(request),
                settings=form.policy_settings(),
                lists=form.policy_lists(),
                seen_version=form.cleaned_data["based_on"],
            )
        except Refused as problem:
            add_errors(form, _beside_fields(problem))
        else:
            text = f"Version {new.version} is in force. It applies from the next comment on."
            messages.success(request, text)
            return redirect("admin:site-policy", site.id)
    versions = PolicyVersion.objects.filter(site=site).select_related("created_by").order_by("-version")
    context = {
        **site_context(request, site, "policy"),
        "form": form,
        "current": current,
        "deviations": tell_deviations(current, PolicyForm.base_fields),
        "versions": versions.only("version", "created_at", "created_by__username", "site")[:MOST_VERSIONS],
    }
    return show_page(request, "admin/sites/policy.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def policy_version(request: HttpRequest, site_id: UUID, version: int) -> HttpResponse:
    """One version as it was; posting puts its contents in force again, as a new version."""
    site = access_site(access_person(request), site_id, RoleName.EDITOR)
    row = _access_version(site, version)
    problem = None
    if request.method == "POST":
        try:
            return _restore(request, site, version)
        except Refused as refusal:
            problem = _say(refusal)
    form = PolicyForm(initial=values_of(row, DEFAULTS.get(row.defaults_version, current_defaults())))
    for field in form.fields.values():
        field.disabled = True
    context = {
        **site_context(request, site, "policy"),
        "form": form,
        "version": row,
        "problem": problem,
        "seen_version": site.policy_version,
        "deviations": tell_deviations(row, PolicyForm.base_fields),
        "is_older": row.defaults_version < CURRENT_DEFAULTS,
    }
    return show_page(request, "admin/sites/policy_version.html", context, status=422 if problem else 200)


def _restore(request: HttpRequest, site: Site, version: int) -> HttpResponse:
    """Raises `Refused` if the page is older than the policy in force, or if the settings are invalid."""
    seen = request.POST.get("based_on", "")
    if not (seen.isascii() and seen.isdigit() and len(seen) < 10):
        raise ActionNotPossible("Reload this page and try again.")
    new = restore_policy(site.id, version, actor=actor_of(request), seen_version=int(seen))
    messages.success(request, f"Version {new.version} is in force, with the contents of version {version}.")
    return redirect("admin:site-policy", site.id)


def _access_version(site: Site, version: int) -> PolicyVersion:
    row = PolicyVersion.objects.select_related("created_by").filter(site=site, version=version).first()
    if row is None:
        raise Http404("There is no such version.")
    return row


def _beside_fields(problem: Refused) -> Refused:
    """Invalid settings, assigned to the field that their message begins with."""
    if not isinstance(problem, InvalidFields):
        return problem
    errors = []
    for error in problem.errors:
        place, _, what = error.message.partition(": ")
        name, _, entry = place.partition(".")
        if name not in PolicyForm.base_fields:
            errors.append(error)
            continue
        errors.append(FieldError(name, error.code, _in_words(f"{entry} {what}" if entry else what)))
    return InvalidFields(errors)


def _say(problem: Refused) -> str:
    """What is wrong with a stored version, as a sentence."""
    if isinstance(problem, InvalidFields):
        return " ".join(_in_words(error.message) for error in problem.errors)
    return problem.message


def _in_words(what: str) -> str:
    """A message about settings as a sentence, with the form's labels for the settings' names."""
    for name in sorted(PolicyForm.base_fields, key=len, reverse=True):  # hold_at is a part of another
        field = PolicyForm.base_fields[name]
        what = what.replace(name, f"“{field.label}”") if field.label else what
    return f"{what[:1].upper()}{what[1:]}."
