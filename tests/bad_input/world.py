"""A site with something in it, every address that takes a POST, and the lists that must answer afterwards."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from moderation.domain.status import Action
from moderation.flow.comments.decide import Choice, decide
from moderation.models import AuditEvent, Author, Comment, Contact, Decision, Job, Revision, Site, Thread
from tests.admin.pages import site_pages
from tests.admin.people import PASSWORD, client_of
from tests.api.addresses import declared_example, open_methods, path_of, patterns_of_api
from tests.api.calls import Api, public_api, secret_api, submission
from tests.builders import PAGE, build_moderator, person, submit_screened
from tests.embed.forms import PATH, build_demo_site, url

LINKED = "They say the opposite in https://city.example/rents though."
STORED = (AuditEvent, Author, Comment, Contact, Decision, Job, Revision, Thread)
RECORDS = ("comment", "decision", "screening", "remoteanswer", "reviewitem", "auditevent", "delivery", "job")
SITE_PAGES = (*site_pages(), "remote/policy_model/")


@dataclass(frozen=True, slots=True)
class World:
    """The demo site with comments in several states, keys, and a superuser's browser."""

    site: Site
    public: Api
    secret: Api
    published: Comment
    held: Comment
    decision: Decision
    boss: Client

    def counts(self) -> list[int]:
        """How much is stored: what is refused must leave it as it is."""
        counts = ", ".join(f"(SELECT count(*) FROM {model._meta.db_table})" for model in STORED)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {counts}")
            return list(cursor.fetchone())

    def broken_lists(self) -> list[str]:
        """The lists that do not answer 200: of the API, of readers, of the admin."""
        admin = ["/admin/", "/admin/queue/", f"/admin/queue/{self.held.id}/", "/admin/sites/"]
        admin += [
            f"/admin/queue/?tab={tab}" for tab in ("sample", "published", "spam", "rejected", "deleted")
        ]
        admin += [f"/admin/moderation/{name}/" for name in RECORDS]
        admin += [f"/admin/sites/{self.site.id}/{part}" for part in SITE_PAGES]
        asked = {path: self.boss.get(path).status_code for path in admin}
        return self.broken_public_lists() + [
            f"{path}: {status}" for path, status in asked.items() if status != 200
        ]

    def broken_public_lists(self) -> list[str]:
        """Those of the API and of readers."""
        api = ["/api/v1/comments", f"/api/v1/thread?url={PAGE}"]
        pages = [PATH, f"/embed/{self.public.key}/thread?url={PAGE}"]
        asked = {path: self.secret.get(path).status for path in api}
        asked |= {path: Client().get(path).status_code for path in pages}
        return [f"{path}: {status}" for path, status in asked.items() if status != 200]


def build_world() -> World:
    site = build_demo_site()
    site.hosts = [*site.hosts, "news.example"]
    site.save()
    published = submit_screened(site, url=url())
    held = submit_screened(site, LINKED, email="bo@reader.example", url=url())
    submit_screened(site, "Another remark.", email="cy@reader.example")
    other = submit_screened(site, f"{LINKED} Yes.", email="di@reader.example", name="Di", url=url())
    actor = person(build_moderator([site]))
    return World(
        site=site,
        public=public_api(site),
        secret=secret_api(site),
        published=published,
        held=held,
        decision=decide(Choice(other.id), site_id=site.id, action=Action.SPAM, reason="spam", actor=actor),
        boss=client_of(User.objects.create_superuser("boss", password=PASSWORD)),
    )


@dataclass(frozen=True, slots=True)
class ApiWrite:
    """An address of the API that takes JSON: where it is, and a body that it takes."""

    path: Callable[[World], str]
    body: Callable[[World], dict[str, Any]]
    may_be_empty: bool = False


ACT = {"action": "approve", "reason": "fine"}
# Those whose example in the documentation is not a body that these tests can send.
_SPECIAL_WRITES: dict[str, ApiWrite] = {
    "comments": ApiWrite(lambda w: "/api/v1/comments", lambda w: submission(body="Never said before.")),
    "decide": ApiWrite(lambda w: f"/api/v1/comments/{w.held.id}/decisions", lambda w: dict(ACT)),
    "decide_many": ApiWrite(
        lambda w: "/api/v1/decisions", lambda w: {"comments": [{"id": str(w.held.id)}], **ACT}
    ),
    "undo": ApiWrite(
        lambda w: f"/api/v1/decisions/{w.decision.id}/undo", lambda w: {"version": None}, may_be_empty=True
    ),
}


def write_by_example(pattern: URLPattern, method: str) -> ApiWrite:
    """How an address is written to by what its view declares."""
    example = declared_example(pattern, method) or {}
    return ApiWrite(lambda world: path_of(pattern, world), lambda world: dict(example))


def api_writes() -> dict[str, ApiWrite]:
    """Every address of the API that takes JSON."""
    found = dict(_SPECIAL_WRITES)
    for pattern in patterns_of_api():
        if pattern.name not in {"schema", "docs", "unknown", "", None}:
            for method in open_methods(pattern).keys() - {"GET"}:
                found.setdefault(str(pattern.name), write_by_example(pattern, method))
    return found


API_WRITES = api_writes()
# The readers' forms; where each is sent to, and the page that shows it.
FORM_WRITES: dict[str, tuple[Callable[[World], str], Callable[[World], str]]] = {
    "article-comments": (lambda w: f"{PATH}comments/", lambda w: PATH),
    "frame-comments": (
        lambda w: f"/embed/{w.public.key}/comments?url={PAGE}",
        lambda w: f"/embed/{w.public.key}/thread?url={PAGE}",
    ),
    "alone-comments": (
        lambda w: f"/embed/{w.public.key}/page/comments?url={PAGE}",
        lambda w: f"/embed/{w.public.key}/page?url={PAGE}",
    ),
}


def patterns_below(prefix: str) -> Iterator[URLPattern]:
    """The named addresses of the URL conf that are included at `prefix`."""
    for resolver in get_resolver().url_patterns:
        if isinstance(resolver, URLResolver) and str(resolver.pattern) == prefix:
            for pattern in resolver.url_patterns:
                if isinstance(pattern, URLPattern) and pattern.name:
                    yield pattern
