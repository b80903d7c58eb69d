"""Short ways to a site, a thread, a comment and a moderator, all through the real flow."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User

from moderation.flow.comments.screen import screen_due
from moderation.flow.comments.submit import Submission, submit_comment
from moderation.flow.comments.threads import ThreadRef
from moderation.flow.jobs import SWEEP_RUNNER
from moderation.flow.record import SYSTEM, Actor
from moderation.flow.site.settings import create_site, set_role
from moderation.models import Comment, Site
from moderation.models.role import RoleName

PAGE = "https://news.example/first"
# Held for their link, each by itself, and too unlike one another to pass for a campaign.
LINKED = (
    "They say the opposite in https://city.example/rents though.",
    "My neighbour, who knows the ferry well, wrote https://harbour.example/tides about it.",
    "Has anybody compared this with what https://school.example/meals found last winter?",
    "I would rather believe the old map at https://maps.example/valley than this one.",
)


def build_site(name: str = "The Evening News", *, host: str = "news.example", **fields: Any) -> Site:
    """A site with the default policy."""
    site = create_site(name, hosts=[host], languages=["en"])
    for field, value in fields.items():
        setattr(site, field, value)
    if fields:
        site.save(update_fields=list(fields))
    return site


def build_submission(site: Site, body: str = "A calm and reasonable remark.", **changes: Any) -> Submission:
    """A submission as a site's own server would send it; `changes` replace fields of either level."""
    fields = {
        "body": body,
        "name": changes.pop("name", "Ada Reader"),
        "email": changes.pop("email", "ada@reader.example"),
        "website": changes.pop("website", ""),
    }
    values: dict[str, Any] = {
        "site": site,
        "thread": ThreadRef(url=changes.pop("url", PAGE), title="First article"),
        "fields": fields,
        "form_facts": {"source": "server"},
    }
    return Submission(**(values | changes))


def submit(site: Site, body: str = "A calm and reasonable remark.", **changes: Any) -> Comment:
    """A stored comment that waits for its screening."""
    accepted = submit_comment(build_submission(site, body, **changes))
    return Comment.objects.get(id=accepted.comment_id)


def screen_all() -> None:
    """Run the screening that is due, in this process."""
    screen_due(runner=SWEEP_RUNNER)


def submit_screened(site: Site, body: str = "A calm and reasonable remark.", **changes: Any) -> Comment:
    """A comment after its screening."""
    comment = submit(site, body, **changes)
    screen_all()
    comment.refresh_from_db()
    return comment


def build_moderator(
    sites: Sequence[Site], username: str = "mo", *, role: RoleName = RoleName.MODERATOR, **fields: Any
) -> User:
    """A person with a role on `sites`; the password is `correct horse battery`."""
    user = User.objects.create_user(username, password="correct horse battery", is_staff=True, **fields)
    for site in sites:
        set_role(site.id, user, role, actor=SYSTEM)
    return user


def person(user: User) -> Actor:
    """`user` as an actor."""
    return Actor("person", user_id=user.pk)


def key_actor(key_id: UUID) -> Actor:
    """A secret key as an actor."""
    return Actor("key", key_id=key_id)
