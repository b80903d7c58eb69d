"""A site's outside services: which are asked, what they are sent, and their settings with all versions."""

from typing import Any
from uuid import UUID

from django.conf import settings as operator
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from moderation.admin.access import access_site
from moderation.admin.page import access_person, actor_of, add_errors, show_page
from moderation.admin.remote_form import AkismetForm, PolicyModelForm, ServiceForm
from moderation.admin.sites import site_context
from moderation.domain.errors import InvalidFields, NotFound, Refused
from moderation.domain.remote import (
    DEFAULT_SETTINGS,
    FIELDS,
    AsksAbout,
    OnFailure,
    RemoteKind,
    ServiceSettings,
    settings_from_json,
)
from moderation.flow.site.remote_services import change_service, restore_service_version
from moderation.lib.clock import now
from moderation.lib.origins import origin_of
from moderation.models import RemoteServiceVersion
from moderation.models.role import RoleName
from moderation.queries.remote_reports import StandingService, service_versions, services_of

TITLES = {RemoteKind.AKISMET: "Akismet", RemoteKind.POLICY_MODEL: "Policy model"}
PURPOSES = {
    RemoteKind.AKISMET: "Recognises spam by what it has seen on other sites.",
    RemoteKind.POLICY_MODEL: "Checks each comment against your own policy, on any OpenAI-compatible server.",
}
FORMS: dict[RemoteKind, type[ServiceForm]] = {
    RemoteKind.AKISMET: AkismetForm,
    RemoteKind.POLICY_MODEL: PolicyModelForm,
}


@require_safe
def service_list(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """Both kinds, whether they are on, and their state."""
    site = access_site(access_person(request), site_id, RoleName.EDITOR)
    standing = services_of(site)
    services = [
        {"kind": kind.value, "title": TITLES[kind], "purpose": PURPOSES[kind], **_state(standing.get(kind))}
        for kind in RemoteKind
    ]
    context = {**site_context(request, site, "remote"), "services": services}
    return show_page(request, "admin/sites/remote.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def service_page(request: HttpRequest, site_id: UUID, kind: str) -> HttpResponse:
    """One service: what it is sent, its settings and all their versions. No key is ever shown."""
    site = access_site(access_person(request), site_id, RoleName.EDITOR)
    known = _read_kind(kind)
    standing = services_of(site).get(known)
    settings = standing.settings if standing else DEFAULT_SETTINGS[known]
    version = standing.row.version if standing else 0
    form = FORMS[known](request.POST or None, initial=_values_of(settings, version))
    if request.method == "POST" and form.is_valid():
        try:
            new = change_service(
                site.id,
                known,
                form.read_settings(settings),
                actor=actor_of(request),
                seen_version=form.cleaned_data["based_on"],
                key=form.cleaned_data["key"],
                forgets_key=form.cleaned_data["forgets_key"],
            )
        except Refused as problem:
            add_errors(form, problem)
        else:
            messages.success(request, _tell_saved(new))
            return redirect("admin:site-remote-service", site.id, known.value)
    context = {
        **site_context(request, site, "remote"),
        "form": form,
        "kind": known.value,
        "service_title": TITLES[known],
        "purpose": PURPOSES[known],
        "fields_sent": FIELDS[known],
        "allowed": sorted(operator.REMOTE_CHECK_ORIGINS),
        **_state(standing),
        "versions": [(row, _say(settings_from_json(row.settings))) for row in service_versions(site, known)],
    }
    return show_page(request, "admin/sites/remote_service.html", context, status=422 if form.errors else 200)


@require_POST
def service_restore(request: HttpRequest, site_id: UUID, kind: str, version: int) -> HttpResponse:
    """Put the settings of a former version in force again."""
    site = access_site(access_person(request), site_id, RoleName.EDITOR)
    known = _read_kind(kind)
    try:
        new = restore_service_version(
            site.id, known, version, actor=actor_of(request), seen_version=_seen_version(request)
        )
    except NotFound:
        raise Http404("There is no such version.") from None
    except InvalidFields as problem:
        messages.error(request, " ".join(error.message for error in problem.errors))
    except Refused as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, _tell_saved(new))
    return redirect("admin:site-remote-service", site.id, known.value)


def _read_kind(kind: str) -> RemoteKind:
    try:
        return RemoteKind(kind)
    except ValueError:
        raise Http404("There is no such service.") from None


def _seen_version(request: HttpRequest) -> int:
    """The version that the form was rendered from; anything but a number matches no version."""
    text = request.POST.get("seen_version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _values_of(settings: ServiceSettings, version: int) -> dict[str, Any]:
    return {**settings.to_json(), "based_on": version}


def _state(standing: StandingService | None) -> dict[str, Any]:
    """The state of a service: on or off, whether it has a key, today's calls, an open circuit breaker."""
    if standing is None:
        return {"is_on": False, "has_key": False, "version": 0}
    row, moment = standing.row, now()
    is_today = row.calls_on == moment.date()
    return {
        "is_on": standing.settings.is_on,
        "has_key": standing.has_key,
        "version": row.version,
        "host": origin_of(standing.settings.base_url),
        "calls": row.calls if is_today else 0,
        "budget": standing.settings.daily_budget,
        "failures": row.failures,
        "paused_until": row.paused_until if row.paused_until and row.paused_until > moment else None,
    }


def _say(settings: ServiceSettings) -> str:
    """The settings on one line, without the text of the policy."""
    parts = [
        "on" if settings.is_on else "off",
        origin_of(settings.base_url),
        *([settings.model] if settings.model else []),
        "every comment" if settings.asks_about == AsksAbout.ALL else "only held comments",
        f"{settings.daily_budget:,} calls per day",
        f"{settings.time_limit_s} s",
        "holds on failure" if settings.on_failure == OnFailure.HOLD else "continues without an answer",
        *(["sends addresses"] if settings.sends_email else []),
        *(["test mode"] if settings.is_test else []),
    ]
    return ", ".join(parts)


def _tell_saved(new: RemoteServiceVersion) -> str:
    state = "It applies from the next comment on." if new.settings["is_on"] else "It is off."
    return f"Saved as version {new.version}. {state}"
