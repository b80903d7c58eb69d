"""Backtests of a rule: start one, follow its progress, and read its result."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from moderation.admin.access import access_site
from moderation.admin.desk.cards import excerpt
from moderation.admin.page import access_person, actor_of, show_page
from moderation.admin.rules import find_rule, rule_context, say_version
from moderation.admin.sites import site_context
from moderation.domain.errors import NotFound, Refused
from moderation.domain.rules import RuleMode
from moderation.domain.status import Action
from moderation.engine.rules.tally import MOST_DIFFERENCES, Tally
from moderation.flow.site.backtest import DEFAULT_LAST, MOST_LAST, cancel_backtest, start_backtest
from moderation.models import Backtest, Site
from moderation.models.role import RoleName
from moderation.queries.backtests import access_backtest, comments_of

PAGE_SIZE = 25
# While a run is in progress, its page reloads itself.
LOOK_AGAIN_S = 2
_DONE = {
    Action.APPROVE.value: "approved",
    Action.REJECT.value: "rejected",
    Action.SPAM.value: "marked as spam",
}
_LISTS = {"differences": "Matched, but approved", "missed": "Removed, but not matched"}


@require_POST
def backtest_start(request: HttpRequest, site_id: UUID, rule_id: UUID) -> HttpResponse:
    """Start a run over the given number of the latest decided comments."""
    site = access_site(access_person(request), site_id, RoleName.EDITOR)
    find_rule(site, rule_id)
    try:
        run = start_backtest(rule_id, site_id=site.id, actor=actor_of(request), last=_read_last(request))
    except Refused as problem:
        messages.error(request, problem.message)
        return redirect("admin:site-rule", site.id, rule_id)
    return redirect("admin:site-backtest", site.id, rule_id, run.id)


@require_POST
def backtest_cancel(request: HttpRequest, site_id: UUID, rule_id: UUID, backtest_id: UUID) -> HttpResponse:
    """Cancel a run that is in progress."""
    site = access_site(access_person(request), site_id, RoleName.EDITOR)
    run = _find_run(site, rule_id, backtest_id)
    try:
        cancel_backtest(run.id, site_id=site.id, actor=actor_of(request))
        messages.success(request, "The backtest was cancelled.")
    except NotFound:
        messages.info(request, "The backtest had already finished.")
    return redirect("admin:site-backtest", site.id, rule_id, run.id)


@require_safe
def backtest_page(request: HttpRequest, site_id: UUID, rule_id: UUID, backtest_id: UUID) -> HttpResponse:
    """The progress of a run, then its result and the button that switches the rule on."""
    site = access_site(access_person(request), site_id, RoleName.EDITOR)
    current = find_rule(site, rule_id)
    run = _find_run(site, rule_id, backtest_id)
    tried = run.rule_version
    tally = Tally.of(run.counts, run.differences, run.missed)
    is_same = tried.says == current.says
    context = {
        **site_context(request, site, "rules"),
        **rule_context(site, current),
        "run": run,
        "tried": tried,
        "tried_says": say_version(tried),
        "is_same": is_same,
        "may_switch_on": is_same and run.state == "done" and current.mode in (RuleMode.OFF, RuleMode.SHADOW),
        "tally": tally,
        "rows": _rows(tally),
        "precision": _percent(tally.precision),
        "recall": _percent(tally.recall),
        **_list_context(request, site, run),
    }
    response = show_page(request, "admin/sites/backtest.html", context)
    if run.is_open:
        response["Refresh"] = str(LOOK_AGAIN_S)
    return response


def _rows(tally: Tally) -> list[tuple[str, int, int]]:
    return [
        (word, tally.decided.get(action, 0), tally.matched.get(action, 0)) for action, word in _DONE.items()
    ]


def _list_context(request: HttpRequest, site: Site, run: Backtest) -> dict[str, Any]:
    """A page of one of the two lists of differences."""
    chosen = request.GET.get("list", "differences")
    if chosen not in _LISTS:
        raise Http404("There is no such list.")
    ids: list[str] = getattr(run, chosen)
    number = max(1, _whole(request.GET.get("page", ""), default=1))
    shown = ids[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    return {
        "chosen": chosen,
        "lists": [(name, title, len(getattr(run, name))) for name, title in _LISTS.items()],
        "most": MOST_DIFFERENCES,
        "comments": [
            (comment, excerpt(comment.current_revision.body)) for comment in comments_of(site, shown)
        ],
        "page": number,
        "is_more": len(ids) > number * PAGE_SIZE,
    }


def _find_run(site: Site, rule_id: UUID, backtest_id: UUID) -> Backtest:
    try:
        return access_backtest(site, rule_id, backtest_id)
    except NotFound:
        raise Http404("There is no such backtest.") from None


def _read_last(request: HttpRequest) -> int:
    return max(1, min(_whole(request.POST.get("last", ""), default=DEFAULT_LAST), MOST_LAST))


def _whole(text: str, *, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"
