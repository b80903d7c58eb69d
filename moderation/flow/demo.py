"""Writes for the demo site only: accounts, first comments, and its move to another port."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from moderation.domain.errors import ParentNotPublished
from moderation.flow.comments.submit import Submission, submit_comment
from moderation.flow.comments.threads import ThreadRef
from moderation.flow.record import SYSTEM, Event, record
from moderation.flow.site.settings import change_site
from moderation.lib.clock import now
from moderation.models import Site, Thread
from moderation.queries.articles import DemoComment, all_articles, article_url


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may log in. The password is kept nowhere else."""

    user: User
    password: str


@transaction.atomic
def create_demo_account(username: str, *, is_superuser: bool, email: str = "") -> Account:
    """A new account with a generated password. If the name is taken, it gets another one."""
    taken = User.objects.filter(username=username).exists()
    name = f"{username}-{secrets.token_hex(3)}" if taken else username
    password = secrets.token_urlsafe(12)
    user = User.objects.create_user(name, email, password, is_staff=True, is_superuser=is_superuser)
    record(Event("user.created", "user", user.pk), site_id=None, actor=SYSTEM)
    return Account(user, password)


@transaction.atomic
def move_demo(site_id: UUID, *, from_url: str, to_url: str) -> None:
    """Make the demo answer at `to_url`: change its hosts and the addresses of its threads."""
    threads = Thread.objects.select_for_update().filter(site_id=site_id, key__startswith=f"{from_url}/")
    for thread in threads.order_by("id"):
        thread.key = to_url + thread.key.removeprefix(from_url)
        thread.url = to_url + thread.url.removeprefix(from_url)
        thread.save(update_fields=["key", "url"])
    change_site(site_id, {"hosts": hosts_at(to_url)}, actor=SYSTEM)


def hosts_at(url: str) -> list[str]:
    """The host of `url`, and the other usual names of this machine if `url` is local."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    host = parts.netloc
    local = {f"127.0.0.1{port}", f"localhost{port}"}
    return [host, *sorted(local - {host})] if host in local else [host]


def fill_demo(site: Site, comments: Sequence[DemoComment], *, screen: Callable[[], None]) -> None:
    """Submit `comments` in rounds: replies are submitted after `screen` has published their parents.

    Each comment is submitted once, however often this is called.
    """
    known: dict[str, UUID] = {}
    waiting = list(comments)
    while waiting:
        ready = [comment for comment in waiting if not comment.parent or comment.parent in known]
        if not ready:
            return  # the rest are replies to comments that were not published
        for comment in ready:
            try:
                known[comment.key] = _submit(site, comment, known.get(comment.parent))
            except ParentNotPublished:
                continue
        waiting = [comment for comment in waiting if comment not in ready]
        screen()


def _submit(site: Site, comment: DemoComment, parent_id: UUID | None) -> UUID:
    article = all_articles()[comment.article]
    local_part = "".join(filter(str.isalnum, comment.name)).lower()
    by_robot = {"source": "form", "honeypot_filled": True, "token_age_s": 2.0}
    accepted = submit_comment(
        Submission(
            site=site,
            thread=ThreadRef(url=article_url(article), title=article.title),
            fields={
                "body": comment.text,
                "name": comment.name,
                "email": f"{local_part}@reader.example",
                "website": comment.website,
            },
            parent_id=parent_id,
            form_facts=by_robot if comment.is_robot else {"source": "server"},
            may_create_thread_anywhere=True,
            submitted_at=now() - timedelta(hours=comment.hours_ago),
            idempotency_key=f"demo-{comment.key}",
        )
    )
    return accepted.comment_id
