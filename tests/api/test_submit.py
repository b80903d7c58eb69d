"""POST /api/v1/comments: what is stored, what is answered, and what is refused."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import change_site
from moderation.models import Comment, Site, Thread
from moderation.models.key import Scope
from moderation.privacy.tokens import form_token
from tests.api.calls import Api, secret_api, submission
from tests.builders import build_site, submit_screened
from tests.work import easy_work, solved_for

__all__ = ["easy_work"]
pytestmark = pytest.mark.django_db

COMMENTS = "/api/v1/comments"
PAGE = "https://news.example/first"


def test_a_comment_is_stored_for_screening_and_its_reader_told_where_to_look(public: Api) -> None:
    answer = public.post(COMMENTS, submission())
    assert answer.status == 202
    assert answer.body["status"] == "awaiting_moderation"
    assert answer.headers["Location"] == answer.body["status_url"]
    assert answer.body["status_url"].startswith(f"{settings.PUBLIC_URL}/api/v1/comments/")
    comment = Comment.objects.get(id=answer.body["id"])
    assert (comment.status, comment.author_name) == ("screening", "Ada Reader")
    assert comment.form_facts["source"] == "script"
    path = answer.body["status_url"].removeprefix(settings.PUBLIC_URL)
    assert Api().get(path).body == {"id": answer.body["id"], "status": "awaiting_moderation"}


def test_where_to_look_is_our_own_address_whatever_host_was_asked(public: Api, settings: Settings) -> None:
    """Whoever forges the header must not have a site's server keep a link to another host."""
    settings.PUBLIC_URL = "https://comments.example"
    answer = public.post(COMMENTS, submission(), Host="evil.example")
    assert answer.body["status_url"].startswith("https://comments.example/api/v1/comments/")
    assert answer.headers["Location"] == answer.body["status_url"]


def test_no_answer_repeats_the_address(public: Api, secret: Api) -> None:
    for api in (public, secret):
        answer = api.post(COMMENTS, submission(email="canary@leak.example", website="nonsense here"))
        assert b"canary" not in answer.raw
        assert b"nonsense" not in answer.raw


def test_a_secret_key_also_sees_where_the_comment_stands(secret: Api) -> None:
    answer = secret.post(COMMENTS, submission())
    assert answer.body["moderation_status"] == "screening"
    assert Comment.objects.get().form_facts["source"] == "server"
    assert Comment.objects.get().ip_prefix == ""


def test_a_server_speaks_for_its_reader(secret: Api) -> None:
    answer = secret.post(
        COMMENTS,
        submission(author_ip="203.0.113.9", submitted_at="2014-02-03T04:05:06+01:00", author_verified=True),
    )
    comment = Comment.objects.select_related("author").get(id=answer.body["id"])
    assert comment.submitted_at == datetime(2014, 2, 3, 3, 5, 6, tzinfo=UTC)
    assert comment.ip_prefix == "203.0.113.0"
    assert comment.author.is_proven


def test_clocks_may_differ_a_little_but_nothing_comes_from_the_future(secret: Api) -> None:
    soon = (datetime.now(UTC) + timedelta(minutes=2)).isoformat()
    later = (datetime.now(UTC) + timedelta(minutes=20)).isoformat()
    assert secret.post(COMMENTS, submission(submitted_at=soon)).status == 202
    assert Comment.objects.get().submitted_at <= datetime.now(UTC)
    assert secret.post(COMMENTS, submission(submitted_at=later)).fields == {"submitted_at": "in_the_future"}


@pytest.mark.parametrize("field", ["author_ip", "submitted_at", "author_verified"])
def test_a_public_key_is_not_believed_what_only_servers_know(public: Api, field: str) -> None:
    answer = public.post(COMMENTS, submission(**{field: True}))
    assert (answer.status, answer.fields) == (400, {field: "not_for_this_key"})


@pytest.mark.parametrize("field", ["form_token", "honeypot"])
def test_a_secret_key_has_no_form(secret: Api, field: str) -> None:
    assert secret.post(COMMENTS, submission(**{field: "x"})).fields == {field: "not_for_this_key"}


def test_the_form_tells_how_it_was_filled_in(site: Site, public: Api) -> None:
    asked = Api().get(f"/api/v1/sites/{public.key}/form-token?thread={PAGE}")
    public.post(COMMENTS, submission(form_token=asked.body["form_token"], honeypot=" seo "))
    facts = Comment.objects.get().form_facts
    assert facts["honeypot_filled"] is True
    assert facts["token_by_script"] is True
    assert 0 <= facts["token_age_s"] < 5


def test_a_token_of_another_page_counts_for_nothing(site: Site, public: Api) -> None:
    token = form_token(site_id=site.id, thread="https://news.example/second", by_script=True)
    public.post(COMMENTS, submission(form_token=token))
    assert Comment.objects.get().form_facts["token_age_s"] is None


@pytest.mark.parametrize(
    ("thread", "status"),
    [
        ({"url": "https://news.example/new"}, 202),
        ({"url": "https://NEWS.example/new?utm_source=x#top", "key": "article-7"}, 202),
        ({"url": "https://news.example:8443/new"}, 403),
        ({"url": "https://evil.example/new"}, 403),
        ({"url": "https://news.example.evil.example/new"}, 403),
        ({"key": "article-7"}, 403),
    ],
)
def test_a_public_key_opens_threads_on_the_sites_hosts_only(public: Api, thread: Any, status: int) -> None:
    answer = public.post(COMMENTS, submission(thread=thread))
    assert answer.status == status
    if status == 403:
        assert answer.code == "thread_not_allowed"
        assert not Thread.objects.exists()


def test_a_secret_key_opens_threads_by_any_name(secret: Api) -> None:
    for thread in ({"key": "article-7"}, {"url": "https://elsewhere.example/a"}):
        assert secret.post(COMMENTS, submission(thread=thread)).status == 202


def test_a_closed_site_closes_with_the_next_comment(site: Site, public: Api) -> None:
    assert public.post(COMMENTS, submission()).status == 202
    change_site(site.id, {"is_open": False}, actor=SYSTEM)
    answer = public.post(COMMENTS, submission(body="One more thing."))
    assert (answer.status, answer.code) == (403, "thread_closed")


def test_the_same_words_again_are_refused(public: Api) -> None:
    public.post(COMMENTS, submission())
    answer = public.post(COMMENTS, submission())
    assert (answer.status, answer.code) == (409, "duplicate")


def test_a_reader_who_posts_too_fast_is_told_when_to_come_back(public: Api) -> None:
    answers = [public.post(COMMENTS, submission(body=f"Remark number {n}.")) for n in range(5)]
    assert [answer.status for answer in answers] == [202] * 4 + [429]
    assert answers[-1].code == "flood"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 15


def test_a_public_key_has_a_pace_of_its_own(public: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moderation.api.limits.KEY_CAPACITY", 1)
    public.post(COMMENTS, submission())
    answer = public.post(COMMENTS, submission(body="Another.", email="bo@reader.example"))
    assert (answer.status, answer.code) == (429, "rate_limited")
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_secret_key_is_its_sites_own_affair(secret: Api) -> None:
    statuses = [secret.post(COMMENTS, submission(body=f"Remark {n}.")).status for n in range(8)]
    assert statuses == [202] * 8


def test_a_reply_goes_to_a_published_comment_of_the_same_page(site: Site, secret: Api) -> None:
    parent = submit_screened(site)
    other_page = {"url": "https://news.example/second"}
    reply = secret.post(COMMENTS, submission(body="Indeed.", parent=str(parent.id)))
    assert Comment.objects.get(id=reply.body["id"]).parent_id == parent.id
    elsewhere = secret.post(COMMENTS, submission(body="Hm.", parent=str(parent.id), thread=other_page))
    assert elsewhere.fields == {"parent": "unknown_parent"}
    held = submit_screened(
        site, "They say otherwise in https://city.example/rents here.", email="x@y.example"
    )
    assert secret.post(COMMENTS, submission(body="Hm.", parent=str(held.id))).fields == {
        "parent": "parent_not_published"
    }


def test_a_parent_of_another_site_reads_like_one_that_never_was(secret: Api) -> None:
    foreign = submit_screened(build_site("Other", host="other.example"), url="https://other.example/a")
    there = secret.post(COMMENTS, submission(parent=str(foreign.id)))
    nowhere = secret.post(COMMENTS, submission(parent="019a0000-0000-7000-8000-000000000001"))
    assert there.status == 400
    assert there.raw == nowhere.raw


def test_the_same_call_again_gives_the_same_comment(public: Api) -> None:
    first = public.post(COMMENTS, submission(), Idempotency_Key="k 1")
    second = public.post(COMMENTS, submission(), Idempotency_Key="k 1")
    assert (first.status, second.status) == (202, 202)
    assert first.body["id"] == second.body["id"]
    assert second.headers["Idempotent-Replayed"] == "true"
    other = public.post(COMMENTS, submission(body="Other."), Idempotency_Key="k 1")
    assert (other.status, other.code) == (422, "idempotency_mismatch")
    assert Comment.objects.count() == 1


def test_no_page_can_take_a_servers_idempotency_key(public: Api, secret: Api) -> None:
    public.post(COMMENTS, submission(email="bo@reader.example"), Idempotency_Key="1")
    assert secret.post(COMMENTS, submission(), Idempotency_Key="1").status == 202
    assert Comment.objects.count() == 2


@pytest.mark.parametrize("key", ["", "k" * 256, "\u00e4", "tab\there"])
def test_an_unusable_idempotency_key_is_refused(public: Api, key: str) -> None:
    answer = public.post(COMMENTS, submission(), Idempotency_Key=key)
    assert (answer.status, answer.code) == (400, "invalid_idempotency_key")


def test_all_mistakes_are_told_at_once(public: Api) -> None:
    answer = public.post(COMMENTS, {"thread": {}, "email": "nonsense", "parent": 7, "is_staff": True})
    assert answer.fields == {
        "thread.url": "required",
        "parent": "invalid_id",
        "body": "required",
        "name": "required",
        "email": "invalid",
        "": "unknown_field",
    }
    assert b"is_staff" not in answer.raw


def test_a_site_may_do_without_addresses(public: Api, site: Site) -> None:
    change_site(site.id, {"requires_email": False}, actor=SYSTEM)
    assert public.post(COMMENTS, submission(email=None, name=None)).status == 202


class TestWork:
    """The field `work`, of which more is said in tests/flow/comments/test_work.py."""

    pytestmark = pytest.mark.usefixtures("easy_work")

    def test_a_solution_comes_with_the_comment(self, public: Api, site: Site) -> None:
        change_site(site.id, {"proof_of_work": "always"}, actor=SYSTEM)
        for body, work, found in (("One.", solved_for(site), "done"), ("Two.", "nonsense", "wrong")):
            assert public.post(COMMENTS, submission(body=body, work=work)).status == 202
            assert Comment.objects.latest("id").form_facts["work"] == found
        assert public.post(COMMENTS, submission(body="Three.")).status == 202
        assert Comment.objects.latest("id").form_facts["work"] == "none"

    def test_nothing_is_made_of_it_where_the_site_does_not_ask(self, public: Api) -> None:
        assert public.post(COMMENTS, submission(work="nonsense")).status == 202
        assert "work" not in Comment.objects.get().form_facts

    def test_a_server_sends_none(self, secret: Api) -> None:
        answer = secret.post(COMMENTS, submission(work="nonsense"))
        assert (answer.status, answer.code) == (400, "invalid_fields")
        assert [error["field"] for error in answer.body["errors"]] == ["work"]


def test_a_key_without_the_scope_may_not_submit(site: Site) -> None:
    answer = secret_api(site, Scope.READ).post(COMMENTS, submission())
    assert (answer.status, answer.code) == (403, "missing_scope")


def test_the_address_comes_from_our_own_proxies_only(public: Api, settings: Any) -> None:
    public.post(COMMENTS, submission(), X_Forwarded_For="198.51.100.7")
    settings.TRUSTED_PROXIES = 1
    public.post(COMMENTS, submission(body="Again."), X_Forwarded_For="198.51.100.7")
    prefixes = Comment.objects.order_by("id").values_list("ip_prefix", flat=True)
    assert list(prefixes) == ["127.0.0.0", "198.51.100.0"]


def test_a_status_link_ends_after_its_time(public: Api) -> None:
    path = public.post(COMMENTS, submission()).body["status_url"].removeprefix(settings.PUBLIC_URL)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=31)):
        assert Api().get(path).status == 404


def count_queries(call: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        call()
    return len([query for query in captured if "SAVEPOINT" not in query["sql"]])


def test_what_a_comment_costs_in_queries(site: Site, secret: Api) -> None:
    """The key with its site, and one statement that stores all, whatever is asked."""
    parent = submit_screened(site)
    plain = submission(body="One.")
    reply = submission(body="Two.", parent=str(parent.id))
    assert count_queries(lambda: secret.post(COMMENTS, plain)) == 2
    assert count_queries(lambda: secret.post(COMMENTS, reply)) == 2
    again = submission(body="Three.")
    assert count_queries(lambda: secret.post(COMMENTS, again, Idempotency_Key="k")) == 2


@pytest.mark.parametrize("caller", ["secret", "public"])
def test_a_call_that_was_taken_is_answered_the_same_when_the_thread_has_closed(
    site: Site, secret: Api, public: Api, caller: str
) -> None:
    api = secret if caller == "secret" else public
    first = api.post(COMMENTS, submission(), Idempotency_Key="k")
    Thread.objects.update(is_open=False)
    again = api.post(COMMENTS, submission(), Idempotency_Key="k")
    assert (again.status, again.body["id"]) == (202, first.body["id"])
    assert api.post(COMMENTS, submission(body="Other."), Idempotency_Key="l").status == 403


def test_a_reply_to_nothing_opens_no_thread(site: Site, secret: Api) -> None:
    page = {"url": "https://news.example/never-seen"}
    assert secret.post(COMMENTS, submission(thread=page, parent=str(uuid4()))).status == 400
    assert not Thread.objects.exists()
