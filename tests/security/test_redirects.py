"""No address of ours sends anybody to a foreign host, whatever it is told."""

from urllib.parse import parse_qs, quote, urljoin, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from tests.admin.people import PASSWORD
from tests.canary.crawler import build_paths, routes
from tests.canary.scene import Scene, build_scene

pytestmark = pytest.mark.django_db

NAMES = ("next", "redirect_to", "redirect", "return", "url", "to", "continue", "_to_field", "theme", "goto")
AIMS = (
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "https:evil.example",
    "http:///evil.example/",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "/\t/evil.example/",
    "\x00//evil.example/",
    "//evil.example\\@testserver/",
    "%2f%2fevil.example/",
    "//evil%E3%80%82example/",
)
ODD_PATHS = (
    "//evil.example/",
    "//evil.example/..",
    "//evil.example/admin",
    "/%2fevil.example",
    "/%5cevil.example",
    "/admin//evil.example",
    "/api//evil.example",
    "/api/docs?next=//evil.example",
    "/\\evil.example",
    "/admin/..//evil.example",
    "/articles//evil.example",
    "/embed//evil.example/thread",
)
HERE = "http://testserver"


@pytest.fixture
def scene() -> Scene:
    return build_scene()


def leads_home(location: str, asked: str) -> bool:
    """Whether a browser stays here, which reads a backslash as a slash and drops tabs and line breaks."""
    told = location.replace("\\", "/")
    for sign in "\t\r\n":
        told = told.replace(sign, "")
    parts = urlsplit(urljoin(f"{HERE}{asked}" if not asked.startswith("//") else HERE, told))
    return parts.scheme in ("http", "https") and parts.netloc == "testserver"


@pytest.mark.slow
def test_every_address_with_every_name_and_aim(scene: Scene) -> None:
    superuser = scene.caller("superuser")
    superuser.log_in()
    redirects = 0
    for route in routes():
        for path in build_paths(route, scene)[:1]:
            for aim in AIMS:
                query = "&".join(f"{name}={quote(aim)}" for name in NAMES)
                asked = f"{path}{'&' if '?' in path else '?'}{query}"
                for caller in (superuser, scene.caller("nobody")):
                    response = caller.client.get(asked)
                    redirects += "Location" in response
                    assert leads_home(response.get("Location", "/"), asked), (asked, response["Location"])
    assert redirects > 100


@pytest.mark.parametrize("path", ODD_PATHS)
def test_odd_paths(scene: Scene, path: str) -> None:
    for client in (Client(raise_request_exception=False), Client(raise_request_exception=False)):
        response = client.generic("GET", path)
        assert leads_home(response.get("Location", "/"), "/"), response["Location"]


@pytest.mark.parametrize("aim", AIMS)
def test_after_logging_in_and_out(scene: Scene, settings: Settings, aim: str) -> None:
    client = Client()
    values = {"username": "root", "password": "correct horse battery", "next": aim}
    assert values["password"] == PASSWORD
    answer = client.post(f"/admin/login/?next={quote(aim)}", values)
    assert answer.status_code == 302
    assert leads_home(answer["Location"], "/admin/login/")
    out = client.post(f"/admin/logout/?next={quote(aim)}", {"next": aim})
    assert leads_home(out["Location"], "/admin/logout/")


@pytest.mark.parametrize("aim", AIMS)
def test_on_the_way_through_the_second_factor(scene: Scene, settings: Settings, aim: str) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    client = Client()
    client.force_login(User.objects.get(username="root"), backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(f"/admin/login/?next={quote(aim)}")
    assert answer.status_code == 302
    (kept,) = parse_qs(urlsplit(answer["Location"]).query)["next"]
    assert leads_home(kept, "/admin/second-factor/")
    assert client.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize(
    "location",
    ["https://evil.example/", "//evil.example/", "/\\evil.example/", "\\\\evil.example", "/\t/evil.example"],
)
def test_the_judgement_knows_a_way_out(location: str) -> None:
    assert not leads_home(location, "/admin/")
    assert leads_home("/admin/", "/admin/login/")
    assert leads_home("?next=https://evil.example", "/admin/login/")
