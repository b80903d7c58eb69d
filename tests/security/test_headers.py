"""What every kind of answer says to browsers, which cookies there are, and which hosts and methods count."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client
from pytest_django.fixtures import Settings

from config.settings import base as product
from config.web.refusals import BUSY, FAILED, TOO_LARGE, TOO_SLOW, Refusal
from moderation.privacy.tokens import form_token
from tests.builders import submit_screened
from tests.canary.crawler import build_paths, routes
from tests.canary.scene import Scene, build_scene
from tests.embed.forms import PATH, POST_TO, url

pytestmark = pytest.mark.django_db

BASE = Path(__file__).resolve().parent.parent.parent
BACKEND = "django.contrib.auth.backends.ModelBackend"
REFERRER_POLICIES = {"same-origin", "no-referrer"}
EMBED = re.compile(r"/embed/[^/]+/(thread|comments)")


@pytest.fixture
def scene() -> Scene:
    scene = build_scene()
    submit_screened(scene.site, url=scene.url)
    return scene


def check_headers(headers, path: str) -> None:
    """The promise, for one answer to whatever was asked."""
    assert headers["X-Content-Type-Options"] == "nosniff", path
    assert headers["Referrer-Policy"] in REFERRER_POLICIES, path
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin", path
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy or "default-src 'none'" in policy, (path, policy)
    assert "unsafe" not in policy, path
    assert "*" not in policy, path
    if not path.startswith(
        ("/api/", "/embed/", "/embed.js")
    ):  # those are read by scripts of other sites, or framed there
        assert headers.get("Cross-Origin-Resource-Policy", "same-origin") == "same-origin", path
    ancestors = re.search(r"frame-ancestors ([^;]+)", policy)
    assert ancestors, path
    if not EMBED.match(path):
        assert ancestors[1] == "'none'", path
        assert headers.get("X-Frame-Options", "DENY") == "DENY", path


def test_every_address_and_every_method(scene: Scene) -> None:
    superuser = scene.caller("superuser")
    superuser.log_in()
    callers = [superuser, scene.caller("nobody"), scene.caller("own secret key")]
    statuses = set()
    for route in routes():
        path = build_paths(route, scene)[-1]
        for caller in callers:
            for method in ("GET", "POST", "OPTIONS", "PUT", "TRACE"):
                response = caller.client.generic(method, path)
                check_headers(response, path)
                statuses.add(response.status_code)
                if method in ("TRACE", "PUT"):
                    assert response.status_code in (401, 403, 404, 405), (method, path)
    assert statuses >= {200, 302, 401, 404, 405}


def test_refusals_and_failures(scene: Scene, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    client = Client(raise_request_exception=False)
    token = form_token(site_id=scene.site.id, thread=url())
    good = {"comment": "A remark.", "author": "Ada", "email": "ada@reader.example", "form_token": token}
    asked = {
        422: client.post(POST_TO, {"comment": "x"}),
        303: client.post(POST_TO, good),
        405: client.get(POST_TO),
        404: client.get("/nowhere"),
        415: client.post(
            "/api/v1/comments",
            b"{}",
            "text/plain",
            headers={"Authorization": f"Bearer {scene.secret_key}"},
        ),
    }
    for status, response in asked.items():
        assert response.status_code == status
        check_headers(response, "/")
    settings.ALLOWED_HOSTS = ["comments.example"]
    refused = client.get(PATH, headers={"Host": "evil.example"})
    assert refused.status_code == 400
    check_headers(refused, "/")
    settings.SECURE_SSL_REDIRECT = True  # refused before any other middleware is asked
    client = Client(raise_request_exception=False)
    refused = client.get(PATH, headers={"Host": "evil.example"})
    assert (refused.status_code, refused.get("Location")) == (400, None)
    check_headers(refused, "/")
    moved = client.get(PATH, headers={"Host": "comments.example"})
    assert moved["Location"] == f"https://comments.example{PATH}"
    check_headers(moved, "/")


def test_who_may_load_it_and_what_it_may_use(scene: Scene) -> None:
    frame = f"/embed/{scene.public_key}/thread?url={scene.url}"
    ours = {"/": "same-origin", PATH: "same-origin", "/admin/login/": "same-origin", frame: "cross-origin"}
    for path, expected in ours.items():
        response = Client().get(path)
        assert response.status_code == 200, path
        assert response["Cross-Origin-Resource-Policy"] == expected, path
        assert "camera=()" in response["Permissions-Policy"], path
    refused = Client().get(f"/embed/{scene.public_key}/thread?url=nonsense")
    assert (refused.status_code, refused["Cross-Origin-Resource-Policy"]) == (400, "cross-origin")


def test_other_sites_may_load_the_embedded_files_alone() -> None:
    for path, expected in (
        ("/static/embed/comments.css", "cross-origin"),
        ("/static/moderation_admin/desk.css", "same-origin"),
    ):
        response = Client().get(path)
        assert response.status_code == 200, path
        assert response["Cross-Origin-Resource-Policy"] == expected, path
        assert response["Access-Control-Allow-Origin"] == "*", path
        response.close()


def test_errors(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    for error, status in ((OperationalError("gone"), 503), (RuntimeError("fault"), 500)):

        def fail(*_: object, _error: Exception = error, **__: object) -> None:
            raise _error

        monkeypatch.setattr("moderation.embed.showing.find_thread", fail)
        response = client.get(PATH)
        assert response.status_code == status
        check_headers(response, "/")


@pytest.mark.parametrize("refusal", [BUSY, FAILED, TOO_LARGE, TOO_SLOW])
def test_what_the_shell_refuses_itself(refusal: Refusal) -> None:
    for path, accept in (("/api/v1/comments", "*/*"), ("/embed/x/thread", "*/*")):
        headers = {name.title(): value for name, value in refusal.answer(path, accept).headers}
        check_headers(headers, "/")


@pytest.mark.parametrize("refusal", [BUSY, FAILED, TOO_LARGE, TOO_SLOW])
def test_what_the_shell_refuses_a_form_within_a_frame_is_seen_there(refusal: Refusal) -> None:
    headers = dict(refusal.answer("/embed/x/thread", "text/html").headers)
    assert "frame-ancestors" not in headers["content-security-policy"]
    assert "script" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "forwarded", ["X-Forwarded-Host", "Forwarded", "X-Host", "X-Original-URL", "X-Rewrite-URL"]
)
def test_other_hosts_and_addresses_in_headers_count_for_nothing(scene: Scene, forwarded: str) -> None:
    value = "host=evil.example" if forwarded == "Forwarded" else "evil.example"
    for path in (PATH, "/admin/login/", "/api/docs", "/api/v1/nothing"):
        response = Client().get(path, headers={forwarded: value})
        assert response.status_code == Client().get(path).status_code
        assert b"evil.example" not in response.content + str(response.headers).encode()


@pytest.mark.parametrize(
    "host",
    [
        *(
            "evil.example",
            "comments.example.evil.example",
            "comments.example:80:80",
            "comments.example@evil.example",
        ),
        *("comments.example/evil", "comments.example evil.example", "comments.example\tx", "", "[::1", "../"),
    ],
)
def test_a_foreign_or_crooked_host_is_refused(scene: Scene, settings: Settings, host: str) -> None:
    settings.ALLOWED_HOSTS = ["comments.example"]
    for path in ("/admin/login/", "/api/v1/reasons", PATH):
        response = Client(raise_request_exception=False).get(
            path, headers={"Host": host}, SERVER_NAME=host or "x"
        )
        assert response.status_code == 400, (host, path)
        assert b"evil" not in response.content


def test_all_cookies_are_for_us_alone(scene: Scene) -> None:
    """All are Lax: they come along when somebody follows a link, and with no other request of another site
    (tests/security/test_same_site.py).
    """
    client = Client()
    client.get("/admin/login/")
    client.post("/admin/login/", {"username": "root", "password": "correct horse battery"})
    client.post(f"/admin/sites/{scene.site.id}/", {"name": "x"})
    client.post(
        f"/admin/sites/{scene.site.id}/threads/{scene.threads[0].id}/", {"state": "closed"}
    )  # leaves a message
    consenting = {
        "comment": "A remark.",
        "author": "Ada",
        "email": "ada@reader.example",
        "wp-comment-cookies-consent": "yes",
        "form_token": form_token(site_id=scene.site.id, thread=url()),
    }
    scene.threads[0].__class__.objects.update(is_open=None)
    client.post(POST_TO, consenting)
    kinds = {name.partition("_author_")[0]: morsel for name, morsel in client.cookies.items()}
    assert kinds.keys() == {"session", "csrf", "comment"}
    for name, morsel in kinds.items():
        assert morsel["httponly"], name
        assert morsel["path"] == "/", name
        assert not morsel["domain"], name
        assert morsel["samesite"] == "Lax", name


PRODUCTION_COOKIES = """
import django
django.setup()
from django.conf import settings as s
assert s.SESSION_COOKIE_NAME.startswith('__Host-') and s.CSRF_COOKIE_NAME.startswith('__Host-')
assert s.SESSION_COOKIE_SECURE and s.CSRF_COOKIE_SECURE
assert s.SESSION_COOKIE_HTTPONLY and s.CSRF_COOKIE_HTTPONLY
assert s.SESSION_COOKIE_SAMESITE == s.CSRF_COOKIE_SAMESITE == 'Lax'
assert s.SESSION_COOKIE_PATH == s.CSRF_COOKIE_PATH == '/'
assert not s.SESSION_COOKIE_DOMAIN and not s.CSRF_COOKIE_DOMAIN
assert s.MESSAGE_STORAGE.endswith('.session.SessionStorage')
assert s.SECURE_HSTS_SECONDS >= 31536000 and s.SECURE_SSL_REDIRECT
from django.http import HttpResponse
from moderation.embed.remembered import cookie_name, remember
from moderation.models import Site
site, response = Site(), HttpResponse()
remember(response, site, {'author': 'a', 'email': 'a@b.example', 'url': ''})
(name, morsel), = response.cookies.items()
assert name.startswith('__Host-') and morsel['secure'] and morsel['httponly'] and morsel['path'] == '/'
"""


def test_production_has_host_cookies_only() -> None:
    from tests.config.settings.test_environment import PRODUCTION

    result = subprocess.run(
        [sys.executable, "-c", PRODUCTION_COOKIES],
        cwd=BASE,
        env={**os.environ, **PRODUCTION, "DJANGO_SETTINGS_MODULE": "config.settings.base"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def test_the_outermost_middleware_is_the_one_that_fills_in() -> None:
    assert product.MIDDLEWARE[0] == "config.web.answer_headers.add_missing_headers"
    assert User.objects.count() == 0
