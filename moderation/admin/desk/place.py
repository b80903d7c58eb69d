"""Where on the desk somebody is: which list, which site, how far down."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from moderation.admin.access import Access
from moderation.domain.status import Status
from moderation.models import Site

TABS = {
    Status.HELD: "Held",
    Status.PUBLISHED: "Published",
    Status.SPAM: "Spam",
    Status.REJECTED: "Rejected",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the queue, or of one of the other lists."""

    status: Status = Status.HELD
    site: str = ""
    after: str = ""

    @property
    def query(self) -> str:
        """The part of the address after the question mark."""
        wanted = {"show": "" if self.status == Status.HELD else self.status.value}
        wanted |= {"site": self.site, "after": self.after}
        return urlencode({name: value for name, value in wanted.items() if value})

    @property
    def url(self) -> str:
        """The address of this page."""
        return f"{reverse('admin:queue')}{'?' if self.query else ''}{self.query}"


def read_place(query: Mapping[str, str]) -> Place:
    """The place that an address names. Raises `Http404` for a list that does not exist."""
    try:
        status = Status(query.get("show", "") or Status.HELD)
    except ValueError:
        raise Http404("There is no such list.") from None
    if status not in TABS:
        raise Http404("There is no such list.")
    return Place(status, query.get("site", ""), query.get("after", ""))


def read_back(text: str) -> Place:
    """The place that a form came from: only ever a page of the queue."""
    return read_place(QueryDict(text))


def reach(access: Access, place: Place) -> tuple[list[UUID], Site | None]:
    """The sites that a place shows, and the chosen one. Raises `Http404` for one that is not theirs."""
    if not place.site:
        return access.site_ids(), None
    for site in access.sites.values():
        if site.slug == place.site:
            return [site.id], site
    raise Http404("There is no such site.")
