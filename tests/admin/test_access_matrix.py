"""Every page of the admin, tried by everybody: a new address fails until it is listed in `pages.py`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from moderation.flow.record import SYSTEM
from moderation.flow.site.backtest import start_backtest
from moderation.flow.site.settings import create_key
from moderation.models import (
    AuditEvent,
    Comment,
    Decision,
    Delivery,
    Job,
    ReviewItem,
    Role,
    Screening,
    Site,
    Thread,
)
from moderation.models.key import KeyKind
from moderation.models.role import RoleName
from tests.admin.pages import RULES
from tests.admin.people import PASSWORD, client_of
from tests.builders import build_moderator, build_site, submit_screened
from tests.fake_services import build_answer
from tests.rules import make_rule
from tests.shared_rows import forget_kept, module_rows

pytestmark = pytest.mark.django_db

PERSONS = ("anonymous", "no role", "other site's moderator", "moderator", "editor", "owner", "superuser")
# Before the door; tests/admin/test_accounts.py tries them.
DOOR = {"login", "logout", "second-factor"}


def admin_names() -> Iterator[str | None]:
    """The name of every address under /admin/."""
    for resolver in get_resolver().url_patterns:
        if isinstance(resolver, URLResolver) and str(resolver.pattern) == "admin/":
            yield from _names(resolver)


def _names(resolver: URLResolver) -> Iterator[str | None]:
    for url in resolver.url_patterns:
        if isinstance(url, URLResolver):
            yield from _names(url)
        elif isinstance(url, URLPattern):
            yield url.name


@dataclass(frozen=True)
class World:
    """A site with a row of everything, and who is logged in."""

    parts: Mapping[str, object]
    clients: Mapping[str, Client]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Made once: each test takes back what it writes."""
    with module_rows(django_db_blocker):
        site = build_site()
        clients = build_clients(site)
        yield World(build_parts(site), clients)


@pytest.fixture
def parts(world: World) -> Mapping[str, object]:
    return world.parts


@pytest.fixture
def clients(world: World) -> dict[str, Client]:
    """A fresh browser for each person: a post may change their cookies."""
    forget_kept()
    found = {}
    for person, client in world.clients.items():
        found[person] = Client()
        found[person].cookies.load({name: morsel.value for name, morsel in client.cookies.items()})
    return found


def build_clients(site: Site) -> dict[str, Client]:
    other = build_site("The Morning Post", host="post.example")
    by_role = {role: build_moderator([site], role.value, role=role) for role in RoleName}
    return {
        "anonymous": Client(),
        "no role": client_of(build_moderator([], "nobody")),
        "other site's moderator": client_of(build_moderator([other], "stranger")),
        "moderator": client_of(by_role[RoleName.MODERATOR]),
        "editor": client_of(by_role[RoleName.EDITOR]),
        "owner": client_of(by_role[RoleName.OWNER]),
        "superuser": client_of(User.objects.create_superuser("boss", password=PASSWORD)),
    }


def build_parts(site: Site) -> dict[str, object]:
    """A row of everything that an address may name, all of one site."""
    submit_screened(site, "See https://casino.example and https://pills.example now")
    submit_screened(site, "A calm remark about the council and its bicycles.")
    role = Role.objects.get(user__username="moderator")
    rule = make_rule(site)
    Delivery.objects.create(site=site, recipient=role.user, kind="held")
    Job.objects.create(kind="screen", site=site, subject_id=uuid4(), state="dead")
    return {
        "site": site.id,
        "version": 1,
        "service_kind": "akismet",
        "remoteanswer": build_answer(Comment.objects.filter(site=site)[0]).pk,
        "rule": rule.rule_id,
        "rule_version": 1,
        "backtest": start_backtest(rule.rule_id, site_id=site.id, actor=SYSTEM).id,
        "label": "moderation",
        "key": create_key(site.id, KeyKind.PUBLIC, actor=SYSTEM).key.id,
        "role": role.id,
        "thread": Thread.objects.get().id,
        "user": role.user_id,
        "comment": Comment.objects.filter(status="held")[0].id,
        "decision": Decision.objects.all()[0].id,
        "screening": Screening.objects.all()[0].id,
        "reviewitem": ReviewItem.objects.all()[0].id,
        "auditevent": AuditEvent.objects.filter(site=site)[0].id,
        "delivery": Delivery.objects.all()[0].id,
        "job": Job.objects.get(state="dead").id,
    }


def address(name: str, parts: Mapping[str, object]) -> str:
    return reverse(f"admin:{name}", args=[parts[part] for part in RULES[name].needs])


def test_every_address_is_listed():
    unnamed = 2  # Django's way from an account's former address, and the catch-all
    names = list(admin_names())
    assert sorted(name for name in names if name) == sorted({*RULES, *DOOR})
    assert names.count(None) == unnamed


@pytest.mark.parametrize("name", RULES)
def test_only_those_who_may_see_a_page(name: str, clients: dict[str, Client], parts: Mapping[str, object]):
    found = {person: client.get(address(name, parts)).status_code for person, client in clients.items()}
    assert found.pop("anonymous") == 302
    for person, status in found.items():
        if person in RULES[name].may_see:
            assert status == (302 if name == "app_list" else 200), person
        else:
            assert status in {404, 405}, person


@pytest.mark.parametrize("name", RULES)
def test_only_those_who_may_post(name: str, clients: dict[str, Client], parts: Mapping[str, object]):
    rule = RULES[name]
    if rule.may_post is None:
        return
    path = address(name, parts)
    for person in PERSONS:  # the mightiest last: their act may take the object away
        answer = clients[person].post(path, dict(rule.post))
        if person == "anonymous":
            assert answer["Location"].startswith("/admin/login/"), person
        elif person not in rule.may_post:
            assert answer.status_code == 404, person
        elif person == min(rule.may_post, key=PERSONS.index) and not name.startswith("queue"):
            # Of the desk only refusals: what its acts need, its own tests know.
            assert answer.status_code in {200, 302, 422}, person


@pytest.mark.parametrize("name", [n for n in RULES if RULES[n].needs and RULES[n].needs[0] == "site"])
def test_parts_of_another_site_are_not_there(name: str, parts: Mapping[str, object]):
    """An owner puts another site's key, role, version or thread behind the address of their own site."""
    own = build_site("The Weekly", host="weekly.example")
    client = client_of(build_moderator([own], "weekly", role=RoleName.OWNER))
    # Versions are numbered from 1 at each site, and kinds of services are the same for all.
    if len(RULES[name].needs) > 1 and not {"version", "service_kind"} & {*RULES[name].needs}:
        path = address(name, {**parts, "site": own.id})
        refused = {404} if RULES[name].may_post else {405}
        assert client.post(path, dict(RULES[name].post)).status_code in refused
    assert client.get(address(name, parts)).status_code in {404, 405}


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("person", ["owner", "superuser"])
def test_no_page_without_the_second_factor(
    name: str, person: str, clients: dict[str, Client], parts: Mapping[str, object], settings: Settings
):
    settings.REQUIRE_SECOND_FACTOR = True
    for answer in (clients[person].get(address(name, parts)), clients[person].post(address(name, parts))):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/")


def test_objects_that_do_not_exist_are_not_there(clients: dict[str, Client], parts: Mapping[str, object]):
    for name, rule in RULES.items():
        for part in set(rule.needs) - {"label"}:
            missing: object = uuid4() if not isinstance(parts[part], int) else 999_999
            try:
                path = address(name, {**parts, part: missing})
            except NoReverseMatch:
                continue
            assert clients["superuser"].get(path).status_code in {302, 404, 405}, path


def test_pages_of_one_site_do_not_mention_another(clients: dict[str, Client], parts: Mapping[str, object]):
    for name in [n for n in RULES if not RULES[n].needs and n != "jsi18n"]:
        body = clients["other site's moderator"].get(address(name, parts)).content
        assert b"Evening News" not in body, name
        assert str(parts["comment"]).encode() not in body, name
