"""The other addresses: keys, figures, and what the plugin asks beside."""

import csv
import io
import json
import re

import pytest
from django.db import OperationalError, ProgrammingError
from pytest_django.fixtures import Settings

from config.web.refusals import BUSY, FAILED, MISSING, TOO_LARGE, TOO_SLOW, UNREADABLE, Refusal
from moderation.clients.rates import LocalRates
from moderation.domain.status import Action
from moderation.flow.comments.decide import Choice, decide
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import change_site, create_key, revoke_key
from moderation.lib.clock import now
from moderation.models import Comment, Site, SiteKey
from moderation.models.key import KeyKind, Scope
from moderation.queries import month_counts
from tests.builders import build_moderator, build_site, person, submit_screened
from tests.compat.akismet.calls import BLOG, HOST, KEY, SPAM, check, post, secret_key
from tests.compat.wire import WireAnswer, call

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("key")]

MONTH = now().strftime("%Y-%m")
WITH_KEY = (
    *("/1.1/verify-key", "/1.1/comment-check", "/1.1/submit-spam", "/1.1/submit-ham", "/1.2/usage-limit"),
    *("/1.2/key-sites", "/1.1/get-subscription", "/1.1/get-stats", "/1.1/get-key-stats", "/1.1/token"),
    "/1.1/deactivate",
)


@pytest.fixture(autouse=True)
def _forget() -> None:
    month_counts.forget_counts()


def get(path: str, query: str = f"api_key={KEY}", *, host: str = HOST) -> WireAnswer:
    return call("GET", path, query=query, headers={"Host": host})


def verify(host: str = HOST, query: str = "", **fields: str) -> bytes:
    return post("/1.1/verify-key", {"blog": BLOG, **fields}, host=host, query=query).raw


def test_a_key_is_valid_wherever_it_stands() -> None:
    assert verify(key=KEY) == verify(api_key=KEY) == b"valid"
    assert verify(query=f"api_key={KEY}") == b"valid"
    for host in (
        f"{KEY}.rest.akismet.com",
        f"{KEY}.comments.example:8000",
        KEY.upper() + ".rest.akismet.com",
    ):
        assert verify(host) == b"valid"


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x"])
def test_a_body_without_a_key_is_told_how_to_send_one(kind: str) -> None:
    bodies = {"application/json": json.dumps({"api_key": KEY, "blog": BLOG}).encode()}
    part = f'--x\r\nContent-Disposition: form-data; name="api_key"\r\n\r\n{KEY}\r\n--x--\r\n'.encode()
    answer = call("POST", "/1.1/comment-check", bodies.get(kind, part), kind=kind, headers={"Host": HOST})
    assert (answer.status, answer.raw) == (200, b"invalid")
    assert "application/x-www-form-urlencoded" in answer.headers["x-akismet-debug-help"]
    assert KEY not in str(answer.headers)


def test_a_key_is_valid_for_the_blogs_of_its_site_only(site: Site) -> None:
    assert (
        verify(key=KEY, blog="http://news.example/blog/") == verify(key=KEY, blog="news.example") == b"valid"
    )
    answer = post("/1.1/verify-key", {"key": KEY, "blog": "https://other.example"})
    assert answer.raw == b"invalid"
    assert "news.example" in answer.headers["x-akismet-debug-help"]
    change_site(site.id, {"hosts": ["news.example", "other.example"]}, actor=SYSTEM)
    assert verify(key=KEY, blog="https://other.example") == b"valid"


@pytest.mark.parametrize("blog", ["", "http://[", "\x00", "https://", "news.example.", "a" * 3000])
def test_a_blog_that_is_none_is_invalid(blog: str) -> None:
    answer = post("/1.1/verify-key", {"key": KEY, "blog": blog})
    assert answer.raw == (b"valid" if blog == "news.example." else b"invalid")
    assert ("x-akismet-debug-help" in answer.headers) is (answer.raw == b"invalid")


def test_secret_keys_are_valid_and_public_ones_are_not(site: Site) -> None:
    assert verify(key=secret_key(site, Scope.SUBMIT)) == b"valid"
    assert verify(key=create_key(site.id, KeyKind.PUBLIC, actor=SYSTEM).plain) == b"invalid"


@pytest.mark.parametrize(
    "path", ["/1.2/usage-limit", "/1.2/key-sites", "/1.1/get-stats", "/1.1/get-subscription"]
)
def test_a_key_that_may_only_score_is_told_nothing_of_the_site(site: Site, path: str) -> None:
    answer = post(path, {"api_key": secret_key(site, Scope.SCORE)})
    assert (answer.raw, answer.headers["x-akismet-error"]) == (b"invalid", "not-allowed")
    assert post(path, {"api_key": secret_key(site, Scope.READ)}).status == 200
    assert post(path, {"api_key": secret_key(site, Scope.READ)}).raw != b"invalid"


@pytest.mark.parametrize("path", WITH_KEY)
def test_a_missing_wrong_or_revoked_key_is_refused_everywhere(path: str, key: SiteKey) -> None:
    def refused(**fields: str) -> None:
        answer = post(path, {"blog": BLOG, "user_ip": "1.2.3.4", "comment_content": "x", **fields})
        assert (answer.status, answer.raw) == (200, b"invalid")
        assert answer.kind == "text/plain; charset=utf-8"
        assert re.fullmatch(r"[ -~]{10,}", answer.headers["x-akismet-debug-help"])  # ASCII: it is a header

    refused()
    refused(api_key="000000000000")
    refused(key="\ud7ff" * 12)
    revoke_key(key.id, site_id=key.site_id, actor=SYSTEM)
    refused(api_key=KEY)


@pytest.mark.parametrize("path", WITH_KEY)
def test_every_address_answers_in_plain_text_or_json_and_only_to_its_methods(path: str) -> None:
    assert post(path, {"key": KEY, "blog": BLOG, "user_ip": "1.2.3.4"}).status == 200
    put = call("PUT", path, query=f"api_key={KEY}", headers={"Host": HOST})
    assert (put.status, put.raw) == (405, b"invalid")
    assert "POST" in put.headers["allow"]
    assert put.headers["x-akismet-debug-help"]


def test_the_connection_can_be_tried_without_a_key() -> None:
    answer = get("/1.1/test", "")
    assert (answer.status, answer.raw, answer.kind) == (200, b"connected", "text/plain; charset=utf-8")
    assert call("PUT", "/1.1/test", headers={"Host": HOST}).status == 405


def screened(site: Site, *bodies: str) -> list[Comment]:
    addresses = [f"r{number}@reader.example" for number in range(len(bodies))]
    return [submit_screened(site, body, email=email) for body, email in zip(bodies, addresses, strict=True)]


def test_usage_tells_this_months_comments_and_no_limit(site: Site) -> None:
    screened(site, "One remark.", "Another remark.", SPAM)
    answer = get("/1.2/usage-limit")
    assert answer.kind == "application/json"
    assert answer.body == {"limit": "none", "usage": 3, "percentage": "0.00", "throttled": False}
    assert post("/1.2/usage-limit", {"api_key": KEY, "extended": "true"}).body["upgrade"] is False


def test_sites_are_told_with_what_people_corrected(site: Site) -> None:
    first, spam = screened(site, "One remark.", SPAM)
    other = build_site("The Other Paper", host="other.example")
    submit_screened(other, "A remark there.", url="https://other.example/first")
    actor = person(build_moderator([site]))
    decide(Choice(first.id), site_id=site.id, action=Action.SPAM, reason="spam", actor=actor)
    decide(Choice(spam.id), site_id=site.id, action=Action.APPROVE, reason="fine", actor=actor)
    (row,) = get("/1.2/key-sites").body[MONTH]
    assert row == {
        "site": "news.example",
        "api_calls": "2",
        "spam": "1",
        "ham": "1",
        "missed_spam": "1",
        "false_positives": "1",
        "is_revoked": False,
    }


def test_sites_by_month_filter_page_and_as_a_table(site: Site) -> None:
    screened(site, "One remark.")
    asked = f"api_key={KEY}&month=2024-02"
    assert get("/1.2/key-sites", asked).body["2024-02"][0]["api_calls"] == "0"
    assert get("/1.2/key-sites", f"api_key={KEY}&filter=other").body[MONTH] == []
    paged = get("/1.2/key-sites", f"api_key={KEY}&limit=10&offset=5").body
    assert (paged["limit"], paged["offset"], paged["total"], paged[MONTH]) == (10, 5, 0, [])
    assert get("/1.2/key-sites", f"api_key={KEY}&limit=x&offset=-1").body["limit"] == 500
    table = get("/1.2/key-sites", f"api_key={KEY}&format=csv")
    assert table.kind.startswith("text/csv")
    title, *rows = table.raw.decode().splitlines()
    assert KEY not in title
    assert next(csv.DictReader(io.StringIO("\n".join(rows))))["Total API Calls"] == "1"
    for wrong in ("2024", "2024-13", "x", "0000-01"):
        assert get("/1.2/key-sites", f"api_key={KEY}&month={wrong}").raw == b"invalid"


@pytest.mark.parametrize("span", ["60-days", "6-months", "all", "", "x"])
@pytest.mark.parametrize("path", ["/1.1/get-stats", "/1.1/get-key-stats"])
def test_statistics_add_up(site: Site, path: str, span: str) -> None:
    screened(site, "One remark.", "Another remark.", SPAM)
    told = post(path, {"key": KEY, "blog": BLOG, "from": span}).body
    assert (told["spam"], told["ham"], told["accuracy"]) == ("1", "2", "100.00")
    month = told["breakdown"][MONTH]
    assert (month["da"], month["spam"], month["ham"]) == (f"{MONTH}-01", "1", "2")
    assert len(told["breakdown"]) in {"60-days": (2, 3), "6-months": (6,)}.get(span, (12,))


def test_without_comments_there_is_no_accuracy() -> None:
    assert post("/1.1/get-stats", {"key": KEY, "blog": BLOG}).body["accuracy"] is None


def test_counts_are_bounded_and_remembered(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(month_counts, "MOST_COUNTED", 2)
    screened(site, "One remark.", "Another remark.", "A third remark.")
    assert get("/1.2/usage-limit").body["usage"] == 2
    monkeypatch.undo()
    assert get("/1.2/usage-limit").body["usage"] == 2
    month_counts.forget_counts()
    assert get("/1.2/usage-limit").body["usage"] == 3


def test_wordpress_keeps_the_key_and_gets_what_its_pages_show() -> None:
    told = json.loads(post("/1.1/get-subscription", {"key": KEY, "blog": BLOG}).raw)
    assert (told["status"], told["account_name"], told["next_billing_date"]) == (
        "active",
        "The Evening News",
        False,
    )
    assert post("/1.1/deactivate", {"key": KEY, "blog": BLOG}).raw == b"deactivated"
    token = post("/1.1/token", {"api_key": KEY}).raw.decode()
    assert len(token) == 64
    assert KEY not in token
    assert verify(key=token) == b"invalid"


@pytest.mark.parametrize("path", ["/1.1/comment-check", "/1.2/usage-limit"])
@pytest.mark.parametrize("refusal", [BUSY, FAILED, MISSING, TOO_LARGE, TOO_SLOW, UNREADABLE])
def test_what_is_refused_before_any_view_is_no_verdict(path: str, refusal: Refusal) -> None:
    answer = refusal.answer(path, "text/html")
    headers = dict(answer.headers)
    assert (answer.body, headers["content-type"]) == (b"invalid", "text/plain; charset=utf-8")
    assert re.fullmatch(r"[ -~]{10,}", headers["x-akismet-debug-help"])
    assert headers["x-akismet-error"] == refusal.code


def test_a_form_with_too_many_fields_is_refused_in_words() -> None:
    answer = post("/1.1/comment-check", [("a", "1")] * 2000)
    assert (answer.status, answer.raw) == (200, b"invalid")
    assert "1000" in answer.headers["x-akismet-debug-help"]


def test_while_the_database_is_away_clients_are_asked_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: str) -> None:
        raise OperationalError("away")

    monkeypatch.setattr("moderation.compat.akismet.views.find_akismet_key", away)
    answer = post("/1.1/comment-check", {"api_key": KEY})
    assert (answer.status, answer.raw, answer.headers["retry-after"]) == (503, b"invalid", "5")
    assert answer.headers["x-akismet-error"] == "unavailable"


def test_a_key_may_check_as_often_as_the_operator_allows(
    site: Site, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates = LocalRates()
    monkeypatch.setattr("moderation.compat.quota.get_rates", lambda: rates)
    settings.SCORE_CALLS_PER_MINUTE = 1
    assert check().raw == b"false"
    refused = check("Another remark.")
    assert (refused.status, refused.raw) == (429, b"invalid")
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert "x-akismet-guid" not in refused.headers
    assert verify(key=KEY) == b"valid"
    assert Comment.objects.count() == 1


def test_an_error_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    def broken(_: str) -> None:
        raise ProgrammingError("ours")

    monkeypatch.setattr("moderation.compat.akismet.views.find_akismet_key", broken)
    settings.DEBUG_PROPAGATE_EXCEPTIONS = False
    assert post("/1.1/comment-check", {"api_key": KEY}).status == 500
