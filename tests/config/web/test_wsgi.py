"""The WSGI application as servers call it."""

import io

import pytest
from django.conf import settings as django_settings
from django.http import HttpResponse
from django.utils.module_loading import import_string
from pytest_django.fixtures import Settings

from config.web.wsgi import COMPAT_PREFIXES, application
from config.web.wsgi_call import call_wsgi
from moderation.lib.answer import Answer


@pytest.mark.django_db  # the end of a request looks at the connections
@pytest.mark.parametrize("charset", ["base64", "utf-7", "utf-16", "rot13", "bogus", "utf-8"])
def test_a_charset_is_not_believed(charset: str) -> None:
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/api/v1/nothing",
        "QUERY_STRING": "x=%41",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "CONTENT_TYPE": f"application/json; charset={charset}",
        "CONTENT_LENGTH": "2",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(b"{}"),
    }
    answer = call_wsgi(application, environ)
    assert isinstance(answer, Answer)
    assert (answer.status, b"not_found" in answer.body) == (404, True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "has_session"),
    [
        ("/admin/login/", True),
        ("/api/v1/comments", False),
        ("/embed/cm_pk_x/thread.json", False),
        ("/embed/cm_pk_x/counts.json", False),
    ],
)
def test_only_pages_pass_through_what_pages_need(path: str, has_session: bool) -> None:
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(b""),
    }
    answer = call_wsgi(application, environ)
    headers = {name.lower(): value for name, value in answer.headers}
    assert ("set-cookie" in headers) is has_session
    for name in ("x-content-type-options", "x-frame-options", "content-security-policy", "referrer-policy"):
        assert name in headers


@pytest.mark.django_db
@pytest.mark.parametrize("path", [f"{prefix}nothing" for prefix in COMPAT_PREFIXES])
def test_a_compatible_service_is_found_by_any_host_name_and_without_tls(
    path: str, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["mod.example"]
    settings.SECURE_SSL_REDIRECT = True
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "rest.akismet.com",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(b""),
    }
    answer = call_wsgi(application, environ)
    assert answer.status not in (301, 400)
    assert "set-cookie" not in {name.lower() for name, _ in answer.headers}


@pytest.mark.parametrize("middleware", ["API_MIDDLEWARE", "COMPAT_MIDDLEWARE"])
def test_light_middleware_has_no_hook_that_its_chain_would_leave_out(middleware: str) -> None:
    hooks = ("process_view", "process_template_response", "process_exception")
    paths = getattr(django_settings, middleware)
    made = [import_string(path)(lambda request: HttpResponse()) for path in paths]
    assert [hook for each in made for hook in hooks if hasattr(each, hook)] == []
