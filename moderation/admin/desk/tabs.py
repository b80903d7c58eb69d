"""The desk's tabs and a moderator's place in them, which is kept in the URL and never in a session."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404
from django.urls import reverse

from moderation.admin.access import Access
from moderation.domain.queues import SAMPLE_QUEUE
from moderation.domain.rules import LONGEST_QUEUE
from moderation.domain.status import Status
from moderation.models import Site


@dataclass(frozen=True, slots=True)
class Tab:
    """One list of comments: its name in URLs, its title, the text shown when it is empty, and its queue. A
    tab without a queue lists every comment with its status.
    """

    name: str
    title: str
    status: Status
    empty: str
    queue: str = ""


TABS = {
    tab.name: tab
    for tab in (
        Tab("held", "Held", Status.HELD, "No comments are waiting. All of them have been reviewed."),
        Tab(
            "sample",
            "Sample",
            Status.PUBLISHED,
            "The sample is empty. Some comments that the checks published are drawn at random for review.",
            SAMPLE_QUEUE,
        ),
        Tab("published", "Published", Status.PUBLISHED, "Nothing has been published yet."),
        Tab("spam", "Spam", Status.SPAM, "Nothing is marked as spam."),
        Tab("rejected", "Rejected", Status.REJECTED, "Nothing has been rejected."),
        Tab("deleted", "Deleted", Status.DELETED, "Nothing has been deleted."),
    )
}


@dataclass(frozen=True, slots=True)
class TabPage:
    """A tab, optionally limited to one site and one queue, and the position in its list."""

    tab: Tab
    site: Site | None = None
    after: str = ""
    queue: str = ""

    def address(self, **changes: Any) -> str:
        """The address of this place, or of one that differs in `changes`."""
        values = {**self.query, **changes}
        if values["tab"] == "held":
            values["tab"] = ""
        query = urlencode({name: value for name, value in values.items() if value})
        return reverse("admin:queue") + (f"?{query}" if query else "")

    @property
    def query(self) -> dict[str, str]:
        """The place as the hidden fields of a form."""
        return {
            "tab": self.tab.name,
            "site": self.site.slug if self.site else "",
            "queue": self.queue,
            "after": self.after,
        }

    @property
    def keep(self) -> str:
        """The place as the query of another page's URL, from which that page links back here."""
        return self.address().partition("?")[2]

    def site_ids(self, access: Access) -> list[UUID]:
        """The sites whose comments are listed here."""
        return [self.site.id] if self.site else access.site_ids()


def read_place(values: Mapping[str, Any], access: Access) -> TabPage:
    """The place that a URL or form names. Raises `Http404` for an unknown list or another person's site."""
    tab = TABS.get(str(values.get("tab") or "held"))
    if tab is None:
        raise Http404("There is no such list.")
    site = _find_site(str(values.get("site", "")), access)
    queue = str(values.get("queue", ""))[:LONGEST_QUEUE]
    queue = "" if queue == SAMPLE_QUEUE else queue  # it has its own tab
    return TabPage(tab, site, str(values.get("after", ""))[:100], queue)


def _find_site(slug: str, access: Access) -> Site | None:
    if not slug:
        return None
    for site in access.sites.values():
        if site.slug == slug:
            return site
    raise Http404("There is no such site.")


def read_uuid(text: str) -> UUID | None:
    """An identifier, or None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None
