"""Actions on a rule besides editing it: change its mode or position, undo, and restore."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from moderation.admin.access import access_site
from moderation.admin.page import access_person, actor_of
from moderation.admin.rules import MODE_WORDS, find_rule
from moderation.domain.errors import NotFound, Refused
from moderation.domain.rules import RuleMode
from moderation.flow.site.rules import move_rule, restore_rule_version, switch_rule, undo_rule_change
from moderation.models import Site
from moderation.models.role import RoleName

_DONE = {
    RuleMode.ON: "is on",
    RuleMode.OFF: "is off",
    RuleMode.SHADOW: "is in shadow mode",
    RuleMode.REMOVED: "is removed",
}


@require_POST
def rule_mode(request: HttpRequest, site_id: UUID, rule_id: UUID) -> HttpResponse:
    """Switch a rule on, off or to shadow mode, or remove it."""
    mode = next((each for each in RuleMode if each.value == request.POST.get("mode")), None)
    if mode is None:
        raise Http404("There is no such mode.")

    def switch(site: Site) -> str:
        new = switch_rule(
            rule_id,
            mode,
            site_id=site.id,
            actor=actor_of(request),
            seen_version=_seen(request),
            backtest_id=_uuid(request.POST.get("backtest", "")),
            is_sure=request.POST.get("is_sure") == "on",
        )
        return f"“{new.name}” {_DONE[mode]}. This applies from the next comment on."

    return _act(request, site_id, rule_id, switch)


@require_POST
def rule_undo(request: HttpRequest, site_id: UUID, rule_id: UUID) -> HttpResponse:
    """Undo the last change of a rule."""

    def undo(site: Site) -> str:
        new = undo_rule_change(rule_id, site_id=site.id, actor=actor_of(request), seen_version=_seen(request))
        return f"Undone: “{new.name}” is as it was before ({MODE_WORDS[new.mode]})."

    return _act(request, site_id, rule_id, undo)


@require_POST
def rule_restore(request: HttpRequest, site_id: UUID, rule_id: UUID, version: int) -> HttpResponse:
    """Restore a former version of a rule."""

    def restore(site: Site) -> str:
        restore_rule_version(
            rule_id, version, site_id=site.id, actor=actor_of(request), seen_version=_seen(request)
        )
        return f"Version {version} was restored, in shadow mode."

    return _act(request, site_id, rule_id, restore)


@require_POST
def rule_move(request: HttpRequest, site_id: UUID, rule_id: UUID) -> HttpResponse:
    """Move a rule one place up or down in the list."""
    site = access_site(access_person(request), site_id, RoleName.EDITOR)
    try:
        move_rule(rule_id, site_id=site.id, up=request.POST.get("way") == "up", actor=actor_of(request))
    except NotFound:
        raise Http404 from None
    return redirect("admin:site-rules", site.id)


def _act(request: HttpRequest, site_id: UUID, rule_id: UUID, act: Callable[[Site], str]) -> HttpResponse:
    """Apply an action to one rule and report the result on the rule's page."""
    site = access_site(access_person(request), site_id, RoleName.EDITOR)
    find_rule(site, rule_id)
    try:
        messages.success(request, act(site))
    except NotFound:
        raise Http404 from None
    except Refused as problem:
        messages.error(request, problem.message)
    return redirect("admin:site-rule", site.id, rule_id)


def _seen(request: HttpRequest) -> int:
    text = request.POST.get("seen_version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
