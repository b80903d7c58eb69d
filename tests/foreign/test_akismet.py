"""PyPI `akismet`, with and without asyncio: an event hook of its HTTP client is all that turns it here."""

from collections.abc import Iterator
from typing import Any

import akismet
import httpx
import pytest
from akismet import CheckResponse

from tests.foreign.service import BLOG, CALM, SPAM, WRONG_AKISMET, ForeignService, fresh, run_apart

pytestmark = pytest.mark.foreign

# As the client's own, but for the time limit: it is one second, and other tests take what CPU they can.
HEADERS, TIMEOUT_S = {"User-Agent": akismet.USER_AGENT}, 20
IP = "203.0.113.9"


def said(text: str) -> akismet.AkismetArguments:
    """A comment with this text."""
    return {
        "comment_author": "Ada Reader",
        "comment_author_email": "ada@reader.example",
        "comment_type": "comment",
        "comment_content": text,
    }


def turn(request: httpx.Request, port: int) -> None:
    """Send a request for Akismet to this machine. It still names Akismet as its host."""
    assert request.url.host == "rest.akismet.com"
    request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=port)


@pytest.fixture
def http(service: ForeignService) -> Iterator[httpx.Client]:
    hooks = {"request": [lambda request: turn(request, service.port)]}
    with httpx.Client(event_hooks=hooks, headers=HEADERS, timeout=TIMEOUT_S) as client:
        yield client


@pytest.fixture
def client(service: ForeignService, http: httpx.Client) -> akismet.SyncClient:
    return akismet.SyncClient.validated_client(akismet.Config(service.akismet, BLOG), http_client=http)


def test_a_calm_comment_is_ham_and_stored_as_one_of_the_site(
    service: ForeignService, client: akismet.SyncClient
):
    text = fresh(CALM)
    assert client.comment_check(IP, **said(text)) == CheckResponse.HAM
    stored = service.stored(text)
    assert stored is not None
    assert stored["author"]["name"] == "Ada Reader"
    assert service.stored(text, key=service.other_secret) is None


def test_advertising_is_spam(client: akismet.SyncClient):
    assert client.comment_check(IP, **said(fresh(SPAM)))


def test_the_test_modes_of_akismet_work(client: akismet.SyncClient):
    assert client.comment_check(IP, comment_author="akismet-guaranteed-spam", is_test=True)
    assert client.comment_check(IP, comment_author_email="akismet-guaranteed-spam@example.com", is_test=True)
    administrator = client.comment_check(
        IP, user_role="administrator", comment_content=fresh(SPAM), is_test=True
    )
    assert administrator == CheckResponse.HAM


def test_what_a_moderator_reports_decides_the_comment(service: ForeignService, client: akismet.SyncClient):
    text = fresh(CALM)
    client.comment_check(IP, **said(text))
    assert client.submit_spam(IP, **said(text))
    assert service.status_of(text) == "spam"
    assert client.submit_ham(IP, **said(text))
    assert service.status_of(text) == "published"


def test_the_use_of_the_key_is_told_for_its_own_site(service: ForeignService, http: httpx.Client):
    """Figures are counted once a minute, so this test is the only one that asks for the other site's."""
    other = akismet.SyncClient(akismet.Config(service.other_akismet, "https://other.example/"), http)
    text = fresh(CALM)
    other.comment_check(IP, **said(text))
    usage = other.usage_limit()
    assert (usage["usage"], usage["throttled"]) == (1, False)
    assert 0 <= float(usage["percentage"]) <= 100
    assert service.stored(text) is None
    assert service.stored(text, key=service.other_secret) is not None


@pytest.mark.parametrize("which", ["wrong", "revoked"])
def test_without_a_valid_key_every_call_says_so(service: ForeignService, http: httpx.Client, which: str):
    key = WRONG_AKISMET if which == "wrong" else service.revoked_akismet
    client = akismet.SyncClient(akismet.Config(key, BLOG), http_client=http)
    assert client.verify_key() is False
    with pytest.raises(akismet.APIKeyError):
        akismet.SyncClient.validated_client(akismet.Config(key, BLOG), http_client=http)
    with pytest.raises(akismet.APIKeyError):
        client.comment_check(IP, comment_content=CALM)
    with pytest.raises(akismet.APIKeyError):
        client.submit_spam(IP, comment_content=CALM)
    with pytest.raises(akismet.APIKeyError):
        client.usage_limit()


def test_key_sites_of_this_client_sends_no_key_and_is_told_so(client: akismet.SyncClient):
    with pytest.raises(akismet.APIKeyError):
        client.key_sites()


def test_the_client_with_asyncio_does_the_same(service: ForeignService):
    text = fresh(CALM)

    async def rewrite(request: httpx.Request) -> None:
        turn(request, service.port)

    async def work() -> tuple[CheckResponse, CheckResponse, bool, bool, dict[str, Any]]:
        http = httpx.AsyncClient(event_hooks={"request": [rewrite]}, headers=HEADERS, timeout=TIMEOUT_S)
        async with akismet.AsyncClient(akismet.Config(service.akismet, BLOG), http_client=http) as client:
            ham = await client.comment_check(IP, **said(text))
            spam = await client.comment_check(IP, **said(fresh(SPAM)))
            reported = await client.submit_spam(IP, **said(text))
            taken_back = await client.submit_ham(IP, **said(text))
            return ham, spam, reported, taken_back, await client.usage_limit()

    ham, spam, reported, taken_back, usage = run_apart(work)
    assert (ham, bool(spam), reported, taken_back) == (CheckResponse.HAM, True, True, True)
    assert usage["usage"] >= 1
    assert service.stored(text) is not None


def test_the_client_with_asyncio_refuses_a_wrong_key(service: ForeignService):
    async def rewrite(request: httpx.Request) -> None:
        turn(request, service.port)

    async def work() -> None:
        http = httpx.AsyncClient(event_hooks={"request": [rewrite]}, headers=HEADERS, timeout=TIMEOUT_S)
        async with http:
            client = akismet.AsyncClient(akismet.Config(WRONG_AKISMET, BLOG), http_client=http)
            assert await client.verify_key() is False
            with pytest.raises(akismet.APIKeyError):
                await client.comment_check(IP, comment_content=CALM)

    run_apart(work)
