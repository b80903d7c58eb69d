"""No key stands in a log, wherever the request had it, nor in an answer."""

import io

import pytest
from pytest_django.fixtures import Settings

from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import revoke_key
from moderation.models import Site, SiteKey
from moderation.models.key import Scope
from tests.compat.akismet.calls import BLOG, FORM, HOST, KEY, adopt_key, secret_key, usual
from tests.compat.wire import WireAnswer, call

pytestmark = pytest.mark.django_db

REVOKED, WRONG = "zyxw9zyxw987", "nobodys00key"


def everywhere(key: str) -> list[WireAnswer]:
    """Calls with the key in a body, in a query, in a host name and in a path, good ones and bad ones."""
    form = f"key={key}&blog={BLOG}".encode()
    whole = "&".join(f"{name}={value}" for name, value in usual(api_key=key).items()).encode()
    label = {"Host": f"{key}.rest.akismet.com"}
    return [
        call("POST", "/1.1/verify-key", form, kind=FORM, headers={"Host": HOST}),
        call("POST", "/1.1/comment-check", whole, kind=FORM, headers={"Host": HOST}),
        call("POST", "/1.1/comment-check", f"blog={BLOG}".encode(), kind=FORM, headers=label),
        call("POST", "/1.1/nothing", form, query=f"api_key={key}", kind=FORM, headers=label),
        call("GET", "/1.2/usage-limit", query=f"api_key={key}", headers=label),
        call("PUT", "/1.1/comment-check", query=f"api_key={key}", headers=label),
        *(
            call("POST", path, form, kind=FORM, headers={"Host": HOST})
            for path in (f"/1.1/{key}", f"/1.1/comment-check/{key}", f"/{key}/1.1/comment-check")
        ),
        call("POST", "/1.1/verify-key", b"&" * 3000, query=f"key={key}", kind=FORM, headers=label),
    ]


def test_neither_log_nor_answer_has_a_key(site: Site, key: SiteKey, written: io.StringIO) -> None:
    revoked = adopt_key(site, REVOKED)
    revoke_key(revoked.id, site_id=site.id, actor=SYSTEM)
    secret = secret_key(site, Scope.SUBMIT)
    for text in (KEY, REVOKED, WRONG, secret):
        answers = everywhere(text)
        assert {200, 404, 405} == {answer.status for answer in answers}
        assert not [a for a in answers if text in f"{a.raw!r}{a.headers}"]
    assert "Not Found" in written.getvalue()
    for text in (KEY, REVOKED, WRONG, secret.split("_", 3)[3]):
        assert text not in written.getvalue()


def test_a_failure_of_ours_logs_no_key(
    key: SiteKey, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("moderation.compat.akismet.views.find_akismet_key", fail)
    assert {answer.status for answer in everywhere(KEY)} >= {500}
    assert "RuntimeError" in written.getvalue()
    assert KEY not in written.getvalue()


def test_a_refused_host_name_logs_no_key(key: SiteKey, written: io.StringIO, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["comments.example.org"]
    for host in (f"{KEY}.rest.akismet.com", f"{KEY}.comments.example.org:8000"):
        answer = call("GET", "/admin/", headers={"Host": host})
        assert answer.status == 400
        assert KEY not in f"{answer.raw!r}{answer.headers}"
    assert "HTTP_HOST" in written.getvalue()
    assert KEY not in written.getvalue()
