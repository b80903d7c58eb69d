"""Links to the orders in which a thread can be read."""

from typing import NamedTuple

from django.utils.translation import gettext_lazy

from moderation.embed.page import Page, Wanted
from moderation.models import Thread
from moderation.queries.threads import Sort, ThreadPage

# In fewer comments nobody looks for another order.
LEAST_COMMENTS = 3
_LABELS = {
    "newest": gettext_lazy("Newest"),
    "oldest": gettext_lazy("Oldest"),
    "discussed": gettext_lazy("Most discussed"),
}


class SortLink(NamedTuple):
    """One order: its name, its page, and whether this is it."""

    label: str
    link: str
    is_current: bool


def link_orders(page: Page, thread: Thread, wanted: Wanted, found: ThreadPage) -> list[SortLink]:
    """A link to each order; none for a short thread. A thread of one page stands oldest first anyway."""
    if thread.published_count < LEAST_COMMENTS:
        return []
    is_whole = found.previous_before is None and found.next_after is None
    current = Sort.OLDEST if wanted.sort == Sort.LATEST and is_whole else wanted.sort
    return [
        SortLink(str(_LABELS[sort]), page.link("comments", sort=str(sort)), sort == current)
        for sort in Sort
        if sort in _LABELS
    ]
