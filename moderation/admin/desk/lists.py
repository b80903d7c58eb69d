"""The desk's lists of held and decided comments, page by page."""

from collections import Counter
from datetime import datetime
from itertools import zip_longest
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from moderation.admin.access import Access, read_access
from moderation.admin.desk.bar import read_bar
from moderation.admin.desk.cards import build_card
from moderation.admin.desk.tabs import TABS, TabPage, read_place
from moderation.admin.desk.words import OFFERED, offered_acts, tell_done
from moderation.admin.page import show_page
from moderation.domain.queues import SAMPLE_QUEUE
from moderation.domain.status import Action, Status
from moderation.flow.comments.queue import HELD_QUEUE
from moderation.lib.clock import now
from moderation.queries.desk import (
    MOST_COUNTED,
    DeskPage,
    done_since,
    held_counts,
    held_page,
    status_page,
)


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The comments of one tab, in the order in which to review them."""
    access = read_access(request)
    return show_list(request, access, read_place(request.GET, access))


def show_list(request: HttpRequest, access: Access, place: TabPage, *, problem: str = "") -> HttpResponse:
    """A page of a list; `problem` says what was wrong with the last request."""
    moment = now()
    page = _load_page(place, place.site_ids(access))
    cards = [build_card(row, moment) for row in page.rows]
    bar = read_bar(request)
    context = {
        "title": "Queue" if place.tab.status == Status.HELD else place.tab.title,
        "section": "queue",
        "place": place,
        "tabs": [(tab, place.address(tab=tab.name, queue="", after="")) for tab in TABS.values()],
        "cards": cards,
        "cards_with_next": list(zip_longest(cards, [card.key for card in cards[1:]], fillvalue="")),
        "next_address": place.address(after=page.next_after) if page.next_after else "",
        "first_address": place.address(after="") if place.after else "",
        "bulk_acts": offered_acts(place.tab.status, is_sample=place.tab.queue == SAMPLE_QUEUE),
        "reasons": OFFERED,
        "bar": bar,
        "is_bar_in_list": bar is not None and any(card.key == bar.before for card in cards),
        "problem": problem,
        "is_many_sites": len(access.sites) > 1 and place.site is None,
        "done": _done_today(access, moment),
        **_count_sites(place, access),
    }
    return show_page(request, "admin/desk/queue.html", context, status=422 if problem else 200)


def _load_page(place: TabPage, site_ids: list[UUID]) -> DeskPage:
    if place.tab.status == Status.HELD or place.tab.queue:
        return held_page(site_ids, queue=place.tab.queue or place.queue, after=place.after)
    return status_page(site_ids, place.tab.status, after=place.after)


def _count_sites(place: TabPage, access: Access) -> dict[str, Any]:
    """How many comments wait in the chosen place, on each site, and in each queue of the chosen sites."""
    of_site: Counter[UUID] = Counter()
    of_queue: Counter[str] = Counter()
    shown_sites = set(place.site_ids(access))
    for (site_id, queue), number in held_counts(access.site_ids()).items():
        of_site[site_id] += number
        of_queue[queue] += number if site_id in shown_sites else 0
    waiting = of_queue[place.queue] if place.queue else of_queue.total()
    return {
        "waiting": _tell_count(waiting),
        "sites": [(site, _tell_count(of_site[site_id])) for site_id, site in access.sites.items()],
        "queues": _tell_queues(place, of_queue),
    }


def _tell_queues(place: TabPage, counts: Counter[str]) -> list[tuple[str, str, str, bool]]:
    """Title, count, address and whether it is selected, for each queue; empty if there is only the default
    one.
    """
    names = sorted({name for name, number in counts.items() if number} | {HELD_QUEUE})
    if place.tab.status != Status.HELD or (names == [HELD_QUEUE] and not place.queue):
        return []
    listed = [("", "All queues", counts.total()), *((name, name, counts[name]) for name in names)]
    return [
        (title, _tell_count(number), place.address(queue=name, after=""), name == place.queue)
        for name, title, number in listed
    ]


def _tell_count(number: int) -> str:
    return f"{MOST_COUNTED}+" if number >= MOST_COUNTED else str(number)


def _done_today(access: Access, moment: datetime) -> list[tuple[str, int]]:
    """What this person has done since midnight (UTC), in display order."""
    since = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    counts = done_since(access.site_ids(), access.user.pk, since)
    told = (Action.APPROVE, Action.REJECT, Action.SPAM, Action.DELETE)
    return [(tell_done(action), counts[action.value]) for action in told if counts[action.value]]
