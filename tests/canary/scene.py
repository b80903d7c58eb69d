"""A site on which the canary was submitted in every way, with everybody who could then look."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from moderation.domain.rules import RuleMode
from moderation.flow.record import SYSTEM
from moderation.flow.site.backtest import run_backtest, start_backtest
from moderation.flow.site.settings import create_key, create_site
from moderation.models import Comment, Decision, Site, Thread
from moderation.models.key import KeyKind, Scope
from moderation.models.role import NotifyMode, Role, RoleName
from moderation.queries.articles import DEMO_SLUG, Article, all_articles, article_url
from tests.builders import build_moderator
from tests.canary.needles import Canary
from tests.rules import line, make_rule, rule_text


@dataclass(frozen=True)
class Caller:
    """Somebody who looks: a key, an account, or nobody in particular."""

    name: str
    headers: Mapping[str, str] = field(default_factory=dict)
    user: User | None = None

    @cached_property
    def client(self) -> Client:
        """A browser or program of theirs. Errors become answers, as in production."""
        return Client(raise_request_exception=False, headers=dict(self.headers))

    def log_in(self) -> None:
        """Open a session for who has an account."""
        if self.user is not None:
            self.client.force_login(self.user, backend="django.contrib.auth.backends.ModelBackend")


@dataclass(frozen=True)
class Answer:
    """One answer to one request, as bytes on the wire. `echoes` marks the typed form shown again."""

    label: str
    status: int
    head: bytes
    body: bytes
    echoes: bool = False

    @property
    def wire(self) -> bytes:
        """Head and body."""
        return self.head + b"\r\n" + self.body


@dataclass
class Scene:
    """Two sites, the canary, and what happened."""

    canary: Canary
    site: Site
    other_site: Site
    public_key: str
    secret_key: str
    callers: list[Caller]
    answers: list[Answer] = field(default_factory=list, repr=False)
    sent_bodies: list[bytes] = field(default_factory=list, repr=False)
    mails: list[bytes] = field(default_factory=list, repr=False)
    statements: list[bytes] = field(default_factory=list, repr=False)
    commands: list[bytes] = field(default_factory=list, repr=False)
    asked: list[bytes] = field(default_factory=list, repr=False)

    @cached_property
    def article(self) -> Article:
        """The page under which most is said."""
        return next(iter(all_articles().values()))

    @property
    def url(self) -> str:
        """The same page's full address."""
        return article_url(self.article)

    @property
    def comments(self) -> list[Comment]:
        """The comments that came with the canary, oldest first."""
        return list(Comment.objects.filter(site=self.site).order_by("id"))

    @property
    def samples(self) -> list[Comment]:
        """One of these in each status."""
        return list({comment.status: comment for comment in self.comments}.values())

    @property
    def threads(self) -> list[Thread]:
        """The threads they stand in."""
        return list(Thread.objects.filter(site=self.site))

    @property
    def decisions(self) -> list[Decision]:
        """What was decided about them."""
        return list(Decision.objects.filter(site=self.site))

    def caller(self, name: str) -> Caller:
        """The caller of that name."""
        return next(caller for caller in self.callers if caller.name == name)


def build_scene() -> Scene:
    """Two sites with their keys and people, before anything was submitted."""
    hosts = [urlsplit(settings.PUBLIC_URL).netloc]
    site = create_site("The Larkhaven Courier", hosts=hosts, slug=DEMO_SLUG, languages=["en"])
    other = create_site("Another paper", hosts=["other.example"])
    _try_rule(site)
    public, secret = _create_keys(site.id)
    other_public, other_secret = _create_keys(other.id)
    callers = [
        Caller("nobody"),
        Caller("own public key", _bearer(public)),
        Caller("own secret key", _bearer(secret)),
        Caller("other site's public key", _bearer(other_public)),
        Caller("other site's secret key", _bearer(other_secret)),
        *_people(site, other),
    ]
    return Scene(Canary(), site, other, public, secret, callers)


def _people(site: Site, other: Site) -> Iterator[Caller]:
    for role in (RoleName.MODERATOR, RoleName.EDITOR, RoleName.OWNER):
        yield Caller(role.value, user=build_moderator([site], role.value, role=role))
    yield Caller("other site's owner", user=build_moderator([other], "other-owner", role=RoleName.OWNER))
    yield Caller("superuser", user=User.objects.create_superuser("root", "", "correct horse battery"))
    told = User.objects.create_user("told", "told@staff.example", "correct horse battery", is_staff=True)
    Role.objects.create(site=site, user=told, name=RoleName.MODERATOR, notify=NotifyMode.EACH)


def _try_rule(site: Site) -> None:
    """A rule that watches everything, and a backtest of it."""
    text = rule_text(line("length", "at_least", 1), name="Everything")
    rule = make_rule(site, text, mode=RuleMode.SHADOW)
    run_backtest(start_backtest(rule.rule_id, site_id=site.id, actor=SYSTEM, in_background=False).id)


def _create_keys(site_id: UUID) -> tuple[str, str]:
    public = create_key(site_id, KeyKind.PUBLIC, actor=SYSTEM)
    secret = create_key(site_id, KeyKind.SECRET, actor=SYSTEM, scopes=list(Scope))
    return public.plain, secret.plain


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
