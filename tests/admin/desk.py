"""What a moderator does at the desk, as forms send it."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from moderation.models import Comment, Site
from tests.builders import submit_screened

QUEUE = "/admin/queue/"
LINK = "Look at https://{}.example/start please."


_THINGS = (
    "ferry", "harbour", "teacher", "pavement", "orchard", "kitchen", "lantern", "engine", "village", "window",
    "bakery", "library", "chimney", "carpet", "meadow", "saddle", "whistle", "blanket", "compass", "ladder",
    "fountain", "garage", "helmet", "island", "journal", "kettle", "market", "needle", "office", "pepper",
)  # fmt: skip


def linked_remark(number: int) -> str:
    """A remark with a link, held, and unlike the others: no campaign."""
    things = [_THINGS[(number * step + step) % len(_THINGS)] for step in (1, 7, 11)]
    return f"The {things[0]} by the {things[1]}, says https://n{number}.example/, no {things[2]}"


def held(site: Site, name: str = "Ada Reader", body: str = "", **changes: Any) -> Comment:
    """A comment that waits: a first one with a link."""
    email = f"{name.lower().replace(' ', '.')[:30]}@reader.example" if name.isascii() else "x@reader.example"
    changes.setdefault("email", email if email[0].isalnum() else "someone@reader.example")
    text = body or f"{LINK.format(name.lower().replace(' ', '-'))} I am {name}, and this is what I think."
    comment = submit_screened(site, text, name=name, **changes)
    assert comment.status == "held", comment.status
    return comment


def pick(comment: Comment) -> str:
    """A comment in the version that was seen, as a form names it."""
    return f"{comment.id}:{comment.version}"


def act(client: Client, comment: Comment, name: str = "approve:fine", **fields: Any) -> HttpResponse:
    """Press a button on one comment's card."""
    data = {"pick": pick(comment), "act": name} | fields
    return client.post(reverse("admin:queue_decide"), data)  # type: ignore[return-value]


def act_on_many(client: Client, comments: list[Comment], name: str, **fields: Any) -> HttpResponse:
    """Press a button of the bar above the list, with these comments picked."""
    data = {"bulk": "1", "pick": [pick(comment) for comment in comments], "act": name} | fields
    return client.post(reverse("admin:queue_decide"), data)  # type: ignore[return-value]


def undo_last(client: Client, **fields: Any) -> HttpResponse:
    """Press Undo in the bar, with what the bar shows."""
    bar = client.session["desk_last"]
    data = {"batch": bar["batch"], "of": bar["sites"]} | fields
    return client.post(reverse("admin:queue_undo"), data)  # type: ignore[return-value]


def page(client: Client, query: str = "") -> str:
    """The queue as a moderator sees it."""
    response = client.get(QUEUE + query)
    assert response.status_code == 200
    return response.content.decode()


def item_url(comment_id: UUID) -> str:
    """The page of one comment."""
    return reverse("admin:queue_item", args=[comment_id])


def status_of(comment: Comment) -> str:
    """Where a comment stands now."""
    return Comment.objects.values_list("status", flat=True).get(id=comment.id)
