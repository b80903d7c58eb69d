"""A site's own rules: the list, and one rule with its details and actions."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from moderation.admin.access import access_site
from moderation.admin.desk.cards import excerpt
from moderation.admin.page import access_person, actor_of, show_page
from moderation.admin.rule_form import RuleEditor
from moderation.admin.sites import site_context
from moderation.domain.errors import NotFound, Refused
from moderation.domain.rules import InvalidRule, RuleMode
from moderation.engine.rules.wording import say_rule
from moderation.flow.site.backtest import DEFAULT_LAST, MOST_LAST
from moderation.flow.site.rules import change_rule, create_rule
from moderation.models import RuleVersion, Site
from moderation.models.role import RoleName
from moderation.queries.backtests import latest_backtests
from moderation.queries.rules import (
    LATELY_DAYS,
    MOST_COUNTED,
    access_rule,
    latest_matches,
    read_version,
    removed_rules,
    rules_of,
    versions_of,
)

MODE_WORDS = {
    RuleMode.ON.value: "on",
    RuleMode.SHADOW.value: "shadow mode",
    RuleMode.OFF.value: "off",
    RuleMode.REMOVED.value: "removed",
}


@require_safe
def rule_list(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """The rules in order, each with its recent matches."""
    site = access_site(access_person(request), site_id, RoleName.EDITOR)
    context = {
        **site_context(request, site, "rules"),
        "rules": [
            {"standing": each, "says": say_version(each.current), "mode": MODE_WORDS[each.current.mode]}
            for each in rules_of(site)
        ],
        "removed": removed_rules(site),
        "days": LATELY_DAYS,
        "most": MOST_COUNTED,
    }
    return show_page(request, "admin/sites/rules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def rule_add(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """A new rule; it starts in shadow mode."""
    site = access_site(access_person(request), site_id, RoleName.EDITOR)
    editor = RuleEditor(request.POST if request.method == "POST" else None)
    text = editor.read() if _is_sent(request) else None
    if text is not None:
        try:
            new = create_rule(site.id, text, actor=actor_of(request), mode=_wanted_mode(request))
        except Refused as problem:
            editor.form.add_error(None, problem.message)
        else:
            _tell_saved(request, new)
            return redirect("admin:site-rule", site.id, new.rule_id)
    context = {**site_context(request, site, "rules"), "editor": editor}
    return show_page(request, "admin/sites/rule_add.html", context, status=_status(request, editor))


@require_http_methods(["GET", "HEAD", "POST"])
def rule_page(request: HttpRequest, site_id: UUID, rule_id: UUID) -> HttpResponse:
    """One rule: what it does and has matched, the form to change it, and all its versions."""
    site = access_site(access_person(request), site_id, RoleName.EDITOR)
    current = find_rule(site, rule_id)
    editor = RuleEditor(request.POST if request.method == "POST" else None, current)
    text = editor.read() if _is_sent(request) else None
    if text is not None:
        try:
            new = change_rule(
                rule_id,
                text,
                site_id=site.id,
                actor=actor_of(request),
                seen_version=editor.seen_version,
                mode=_wanted_mode(request),
            )
        except Refused as problem:
            editor.form.add_error(None, problem.message)
        else:
            _tell_saved(request, new)
            return redirect("admin:site-rule", site.id, rule_id)
    context = {
        **site_context(request, site, "rules"),
        **rule_context(site, current),
        "editor": editor,
        "matches": [(match, _excerpt(match)) for match in latest_matches(site, rule_id)],
        "versions": [(each, MODE_WORDS[each.mode], say_version(each)) for each in versions_of(site, rule_id)],
        "backtests": latest_backtests(site, rule_id),
        "last": DEFAULT_LAST,
        "most_last": MOST_LAST,
    }
    return show_page(request, "admin/sites/rule.html", context, status=_status(request, editor))


def find_rule(site: Site, rule_id: UUID) -> RuleVersion:
    """The rule in its current version. Raises `Http404` for another site's rule."""
    try:
        return access_rule(site, rule_id)
    except NotFound:
        raise Http404("There is no such rule.") from None


def rule_context(site: Site, current: RuleVersion) -> dict[str, Any]:
    """What all pages of one rule show."""
    return {"rule": current, "says": say_version(current), "mode": MODE_WORDS[current.mode]}


def say_version(row: RuleVersion) -> str:
    """A stored version as a sentence."""
    try:
        return say_rule(read_version(row))
    except InvalidRule:
        return "This rule can no longer be read. Change it or remove it."


def _is_sent(request: HttpRequest) -> bool:
    """Whether the form is to be saved and not just given more rows."""
    return request.method == "POST" and "more" not in request.POST


def _wanted_mode(request: HttpRequest) -> RuleMode:
    return RuleMode.OFF if request.POST.get("save") == "off" else RuleMode.SHADOW


def _status(request: HttpRequest, editor: RuleEditor) -> int:
    return 422 if _is_sent(request) and editor.has_errors else 200


def _tell_saved(request: HttpRequest, new: RuleVersion) -> None:
    in_shadow = "It is in shadow mode: it records what it matches and does nothing yet."
    state = "It is off." if new.mode == RuleMode.OFF else in_shadow
    messages.success(request, f"Saved as version {new.version}. {state}")


def _excerpt(match: Any) -> str:
    return excerpt(match.comment.current_revision.body)
