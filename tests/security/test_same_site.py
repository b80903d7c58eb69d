"""Requests that start on another site: a link that is followed works, a forged form does not.

Django's test client sends every cookie with every request. `Browser` sends those that a browser would, by
SameSite (RFC 6265bis, section 5.2 and 5.8.3): on a request that another site starts, Strict cookies stay at
home, and Lax ones come along with a top-level navigation by a safe method only.
"""

import re
from http.cookies import SimpleCookie

import pytest
from django.contrib.auth.models import User
from django.test import Client

from moderation.models import Site
from moderation.models.role import RoleName
from tests.admin.people import PASSWORD
from tests.builders import build_moderator, build_site

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"
SAFE = frozenset({"GET", "HEAD"})


class Browser:
    """One person's browser: its cookies, and which of them a request takes along."""

    def __init__(self) -> None:
        self.cookies: SimpleCookie = SimpleCookie()

    def ask(self, method: str, path: str, data: dict[str, str] | None = None, *, from_elsewhere: bool):
        """A navigation of the whole tab. `from_elsewhere`: another site's page, or a mail, starts it."""
        client = Client(enforce_csrf_checks=True)
        for name, morsel in self.cookies.items():
            if not from_elsewhere or (morsel["samesite"] == "Lax" and method in SAFE):
                client.cookies[name] = morsel.value
        sent = {name: morsel.value for name, morsel in client.cookies.items()}
        answer = client.get(path, data) if method == "GET" else client.post(path, data)
        for name, morsel in answer.cookies.items():
            if morsel.value != sent.get(name):
                self.cookies[name] = morsel
        return answer

    def token_of(self, path: str) -> str:
        """The CSRF token in the form that this address shows."""
        page = self.ask("GET", path, from_elsewhere=False).content.decode()
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found, page
        return found[1]


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.fixture
def owner(site: Site) -> User:
    return build_moderator([site], "mo", role=RoleName.OWNER)


@pytest.fixture
def browser(owner: User) -> Browser:
    """Logged in by the form itself, so that each cookie has the attributes it has in use."""
    browser = Browser()
    token = browser.token_of(LOGIN)
    typed = {"username": "mo", "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert browser.ask("POST", LOGIN, typed, from_elsewhere=False).status_code == 302
    assert {"session", "csrf"} <= browser.cookies.keys()
    return browser


def test_a_link_in_a_mail_opens_the_page_that_it_names(browser: Browser, site: Site) -> None:
    answer = browser.ask("GET", f"/admin/sites/{site.id}/", from_elsewhere=True)
    assert answer.status_code == 200
    assert site.name in answer.content.decode()


def test_another_sites_form_comes_without_cookies_and_changes_nothing(browser: Browser, site: Site) -> None:
    path = f"/admin/sites/{site.id}/"
    known_token = browser.token_of(path)  # even if it had leaked
    forged = {"name": "Forged", "csrfmiddlewaretoken": known_token}
    answer = browser.ask("POST", path, forged, from_elsewhere=True)
    assert answer.status_code == 403
    site.refresh_from_db()
    assert site.name != "Forged"


def test_another_sites_form_does_not_log_anybody_in_or_out(browser: Browser, owner: User) -> None:
    mine = {"username": "mo", "password": PASSWORD}
    assert browser.ask("POST", LOGIN, mine, from_elsewhere=True).status_code == 403
    assert browser.ask("POST", "/admin/logout/", from_elsewhere=True).status_code == 403
    assert browser.ask("GET", "/admin/", from_elsewhere=False).status_code == 200


def test_following_a_link_spoils_no_form_that_is_open_in_another_tab(browser: Browser, site: Site) -> None:
    path = f"/admin/sites/{site.id}/"
    token = browser.token_of(path)
    browser.ask("GET", path, from_elsewhere=True)
    browser.ask("GET", LOGIN, from_elsewhere=True)
    answer = browser.ask("POST", path, {"name": "x", "csrfmiddlewaretoken": token}, from_elsewhere=False)
    assert answer.status_code != 403
