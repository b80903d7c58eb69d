"""Limits hold across processes, without a broker, and whatever addresses a client claims to have."""

import subprocess
import sys
from collections.abc import Iterator
from itertools import count, product
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings
from redis import Redis

from moderation.clients.broker import connect
from moderation.clients.rates import LocalRates, _rates_at
from moderation.flow.comments.flood import AUTHOR_CAPACITY, NETWORK_CAPACITY
from moderation.models import Site
from moderation.privacy.tokens import form_token
from tests.api.calls import public_api, submission
from tests.builders import build_moderator
from tests.embed.forms import POST_TO, build_demo_site, url

pytestmark = pytest.mark.django_db

CLIENT, PROXIES = "198.51.100.7", ("192.0.2.1", "192.0.2.2")
NAMES = (
    "X-Forwarded-For",
    "Forwarded",
    "X-Real-IP",
    "Client-IP",
    "True-Client-IP",
    "CF-Connecting-IP",
    "X-Client-IP",
)
_HAMMER = """
import sys
from moderation.clients.broker import connect
from moderation.clients.rates import BrokerRates, Limit, LocalRates
rates = BrokerRates(connect(sys.argv[1]), LocalRates())
print(sum(rates.allow([Limit(sys.argv[2], 40, 3600)]).is_allowed for _ in range(60)))
"""


@pytest.fixture(autouse=True)
def _fresh_buckets() -> Iterator[None]:
    broker: Redis = connect(django_settings.REDIS_URL)
    broker.flushdb()
    cache.clear()
    yield
    broker.flushdb()


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Buckets that gain nothing while a slow machine asks: to the number."""
    rates = LocalRates(clock=lambda: 1000.0)
    monkeypatch.setattr("moderation.flow.comments.flood.get_rates", lambda: rates)


@pytest.fixture
def site() -> Site:
    return build_demo_site()


def honest(proxies: int, client: str = CLIENT) -> tuple[str, list[str]]:
    """Who connects to us, and what our own proxies put at the end of the list, for one client."""
    hops = [client, *PROXIES][: proxies + 1]
    return hops[-1], hops[:-1]


def claims(name: str) -> Iterator[str]:
    """Ever new addresses, in the spellings that some software believes."""
    for number in count(1):
        v4, v6 = f"203.0.{number // 250}.{number % 250 + 1}", f"2001:db8:{number:x}::1"
        spellings = [v4, v6, f"{v4}, 10.0.0.1", f"{v6},{v4}", f"127.0.0.1, {v4}", "unknown, " + v4]
        value = spellings[number % len(spellings)]
        yield f"for={v4};by=10.0.0.1;host=evil" if name == "Forwarded" else value


def headers_of(name: str, claim: str, believed: list[str]) -> dict[str, str]:
    """What arrives here: the forged header, and the list with what the proxies added to its right."""
    forged = [claim] if name == "X-Forwarded-For" and claim else []
    headers = {"X-Forwarded-For": ", ".join([*forged, *believed])} if forged or believed else {}
    return headers | ({name: claim} if claim and name != "X-Forwarded-For" else {})


# Each combination costs two dozen requests: they all run with `--all`, the plainest forgery always.
MATRIX = [
    pytest.param(proxies, name, marks=[] if name == "X-Forwarded-For" else [pytest.mark.slow])
    for proxies, name in product((0, 1, 2), NAMES)
]


@pytest.mark.usefixtures("stopped_clock")
@pytest.mark.parametrize(("proxies", "name"), MATRIX)
def test_the_pace_of_the_form_is_not_moved(site: Site, settings: Settings, proxies: int, name: str) -> None:
    settings.TRUSTED_PROXIES = proxies
    peer, believed = honest(proxies)
    statuses = []
    for number, claim in zip(range(NETWORK_CAPACITY + 6), claims(name), strict=False):
        values = {
            "comment": f"Remark {number}.",
            "author": "Ada",
            "email": f"{uuid4().hex}@reader.example",
            "form_token": form_token(site_id=site.id, thread=url()),
        }
        response = Client().post(POST_TO, values, REMOTE_ADDR=peer, headers=headers_of(name, claim, believed))
        statuses.append(response.status_code)
    assert statuses == [303] * NETWORK_CAPACITY + [429] * 6


@pytest.mark.parametrize(("proxies", "name"), MATRIX)
def test_the_lock_after_failed_log_ins_is_not_moved(settings: Settings, proxies: int, name: str) -> None:
    settings.TRUSTED_PROXIES, settings.AXES_ENABLED = proxies, True
    build_moderator([], "mo")
    peer, believed = honest(proxies)
    statuses = []
    for _, claim in zip(range(9), claims(name), strict=False):
        values = {"username": "mo", "password": "wrong"}
        response = Client().post(
            "/admin/login/", values, REMOTE_ADDR=peer, headers=headers_of(name, claim, believed)
        )
        statuses.append(response.status_code)
    assert statuses == [200] * 4 + [429] * 5
    # The right password does not open the lock either, and another client is still let in.
    values = {"username": "mo", "password": "correct horse battery"}
    for client, expected in ((CLIENT, 429), ("198.51.100.99", 302)):
        peer, believed = honest(proxies, client)
        headers = headers_of(name, "203.0.113.200", believed)
        assert (
            Client().post("/admin/login/", values, REMOTE_ADDR=peer, headers=headers).status_code == expected
        )


@pytest.mark.usefixtures("stopped_clock")
@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_the_pace_of_the_api_is_not_moved(site: Site, settings: Settings, proxies: int) -> None:
    settings.TRUSTED_PROXIES = proxies
    peer, believed = honest(proxies)
    api = public_api(site)
    allowed = 0
    for number, claim in zip(range(NETWORK_CAPACITY + 4), claims("X-Forwarded-For"), strict=False):
        body = submission(thread={"url": url()}, body=f"Remark {number}.", email=f"r{number}@reader.example")
        response = Client(REMOTE_ADDR=peer).post(
            "/api/v1/comments",
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {api.key}"} | headers_of("X-Forwarded-For", claim, believed),
        )
        allowed += response.status_code == 202
        assert response.status_code in (202, 429)
    assert allowed == NETWORK_CAPACITY


def test_one_household_cannot_try_from_each_of_its_addresses(settings: Settings) -> None:
    """A home has 2^64 IPv6 addresses: the lock is on the network."""
    settings.AXES_ENABLED = True
    build_moderator([], "mo")
    statuses = [
        Client()
        .post(
            "/admin/login/", {"username": "mo", "password": "wrong"}, REMOTE_ADDR=f"2001:db8:1:2::{number:x}"
        )
        .status_code
        for number in range(1, 8)
    ]
    assert statuses == [200] * 4 + [429] * 3


def test_without_the_broker_the_limits_hold(site: Site, settings: Settings) -> None:
    settings.REDIS_URL = f"unix:///nowhere/{uuid4().hex}.sock"
    try:
        statuses = []
        for number in range(AUTHOR_CAPACITY + 3):
            values = {
                "comment": f"Remark {number}.",
                "author": "Ada",
                "email": "ada@reader.example",
                "form_token": form_token(site_id=site.id, thread=url()),
            }
            statuses.append(Client().post(POST_TO, values, REMOTE_ADDR=CLIENT).status_code)
        assert statuses == [303] * AUTHOR_CAPACITY + [429] * 3
    finally:
        _rates_at.cache_clear()


def test_processes_take_exactly_what_a_bucket_holds() -> None:
    """Real ones, started one by one, each with a connection of its own."""
    bucket = uuid4().hex
    command = [sys.executable, "-c", _HAMMER, django_settings.REDIS_URL, bucket]
    hammers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    taken = [int(hammer.communicate(timeout=120)[0]) for hammer in hammers]
    assert sum(taken) == 40, taken
    assert all(hammer.returncode == 0 for hammer in hammers)


def test_a_limit_that_believed_the_header_would_be_seen(
    site: Site, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: with one proxy more than there are, every forged address is a new client."""
    settings.TRUSTED_PROXIES = 1
    statuses = []
    for number, claim in zip(range(NETWORK_CAPACITY + 3), claims("X-Forwarded-For"), strict=False):
        values = {
            "comment": f"Remark {number}.",
            "author": "Ada",
            "email": f"r{number}@reader.example",
            "form_token": form_token(site_id=site.id, thread=url()),
        }
        headers = {"X-Forwarded-For": claim.rpartition(",")[2].strip()}
        statuses.append(Client().post(POST_TO, values, REMOTE_ADDR=CLIENT, headers=headers).status_code)
    assert 429 not in statuses
