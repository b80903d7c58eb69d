"""The desk's tabs, and where on them a moderator is: kept in the address, never in a session."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

from moderation.admin.access import Access
from moderation.domain.status import Action, Status


@dataclass(frozen=True, slots=True)
class Tab:
    """One list of comments: its name in addresses, its title, and what may be done to what is on it."""

    name: str
    title: str
    status: Status
    actions: tuple[Action, ...]
    is_small: bool = False


TABS = {
    tab.name: tab
    for tab in (
        Tab("held", "Queue", Status.HELD, (Action.APPROVE, Action.REJECT, Action.SPAM, Action.DELETE)),
        Tab("spam", "Spam", Status.SPAM, (Action.APPROVE, Action.HOLD, Action.REJECT, Action.DELETE), True),
        Tab(
            "rejected", "Rejected", Status.REJECTED, (Action.APPROVE, Action.HOLD, Action.SPAM, Action.DELETE)
        ),
        Tab(
            "published",
            "Published",
            Status.PUBLISHED,
            (Action.HOLD, Action.REJECT, Action.SPAM, Action.DELETE),
        ),
        Tab("deleted", "Deleted", Status.DELETED, ()),
    )
}
TAB_OF_STATUS = {tab.status.value: tab for tab in TABS.values()}
BUTTONS = {
    Action.APPROVE: "Approve",
    Action.REJECT: "Reject",
    Action.SPAM: "Spam",
    Action.DELETE: "Delete",
    Action.HOLD: "Back to queue",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A tab, perhaps of one site only, and how far down."""

    tab: Tab
    site_id: UUID | None = None
    after: str = ""

    def address(self, **changes: Any) -> str:
        """The address of this place, or of one that differs in `changes`."""
        values = {"tab": self.tab.name, "site": self.site_id, "after": self.after} | changes
        if values["tab"] == "held":
            values["tab"] = ""
        query = urlencode({name: value for name, value in values.items() if value})
        return reverse("admin:queue") + (f"?{query}" if query else "")

    @property
    def query(self) -> dict[str, str]:
        """The place as hidden fields keep it."""
        return {"tab": self.tab.name, "site": str(self.site_id or ""), "after": self.after}

    def site_ids(self, access: Access) -> list[UUID]:
        """The sites whose comments are listed here."""
        return access.site_ids() if self.site_id is None else [access.site(self.site_id).id]


def read_place(values: Mapping[str, Any], access: Access) -> Place:
    """The place that an address or a form names. Raises `Http404` for a site that is not theirs."""
    tab = TABS.get(str(values.get("tab", "")), TABS["held"])
    site_id = read_uuid(str(values.get("site", "")))
    if site_id is not None:
        access.site(site_id)
    return Place(tab, site_id, str(values.get("after", ""))[:100])


def read_uuid(text: str) -> UUID | None:
    """An identifier, or None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None
