"""Whoever is refused gets an id, and the log says under it what was refused and why."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from config.web.refusals import BUSY
from config.web.shell import refuse
from config.web.wsgi import application
from config.web.wsgi_call import call_wsgi
from tests.api.calls import Api, submission
from tests.embed.forms import PATH, build_demo_site
from tests.privacy.test_logs import Written, written_by

pytestmark = pytest.mark.django_db

COMMENTS = "/api/v1/comments"


@pytest.fixture
def written() -> Iterator[Written]:
    yield from written_by(json=True)


def lines_of(written: Written, request_id: str) -> list[dict[str, Any]]:
    """What was logged under an id."""
    lines = [json.loads(line) for line in written.text.splitlines()]
    return [line for line in lines if line.get("request_id") == request_id]


def test_a_refusal_of_the_api_is_logged_with_its_reasons(public: Api, written: Written) -> None:
    answer = public.post(COMMENTS, submission(name="", email="cnry"))
    ours, djangos = lines_of(written, answer.headers["X-Request-Id"])
    assert (ours["event"], ours["http_status"], ours["code"]) == ("api.refused", 400, "invalid_fields")
    assert ours["reason"] == ["name: required", "email: invalid"]
    assert djangos["event"] == f"Bad Request: {COMMENTS}"
    assert "cnry" not in written.text


def test_what_is_taken_is_not_logged(public: Api, written: Written) -> None:
    public.post(COMMENTS, submission())
    assert "api." not in written.text


@pytest.mark.parametrize("path", ["/nowhere", "/articles/nowhere/"])
def test_a_page_that_is_refused_has_an_id_too(written: Written, path: str) -> None:
    answer = Client().get(path, headers={"Accept": "text/html"})
    (line,) = lines_of(written, answer.headers["X-Request-Id"])
    assert (answer.status_code, line["event"]) == (404, f"Not Found: {path}")


def test_a_page_that_is_shown_has_none() -> None:
    """Copies in memory are equal for everybody."""
    build_demo_site()
    answer = Client().get(PATH)
    assert (answer.status_code, answer.headers.get("X-Request-Id")) == (200, None)


@pytest.mark.parametrize("path", ["/", COMMENTS])
def test_a_foreign_host_is_refused_with_an_id(written: Written, settings: Settings, path: str) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    request = RequestFactory().get(path, headers={"Host": "evil.example"})
    answer = call_wsgi(application, request.environ)
    assert answer.status == 400
    assert lines_of(written, dict(answer.headers)["X-Request-Id"])


class _Scope:
    """What the shell's refusals look at."""

    path = COMMENTS
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed


@pytest.mark.parametrize("error", [None, RuntimeError("as asked")])
def test_the_shells_own_refusals_have_one(written: Written, error: Exception | None) -> None:
    answer = refuse(_Scope(), BUSY, error)  # type: ignore[arg-type]  # no more of a scope is looked at
    (line,) = lines_of(written, dict(answer.headers)["x-request-id"])
    assert (line["code"], line["http_status"]) == ("busy", 503)
    assert line["event"] == ("shell.failed" if error else "shell.refused")
    assert ("exception" in line) is (error is not None)
