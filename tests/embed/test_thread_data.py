"""A thread as data for the web component: the same freshness and refusals as the page in a frame."""

import gzip
import json
import time
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.test import Client
from time_machine import travel

from moderation.domain.status import Status
from moderation.embed.fast import answer_page
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import change_site, create_key, revoke_key
from moderation.lib.tokens import TokenState
from moderation.models import Comment, Site, Thread
from moderation.models.key import KeyKind
from moderation.privacy.tokens import read_form_token
from moderation.queries import page_freshness
from moderation.queries.page_freshness import FastPages
from moderation.queries.page_memory import pages
from tests.builders import PAGE, build_site, submit_screened

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty() -> None:
    pages.clear()


def path_of(key: Any, url: str = PAGE, **more: object) -> str:
    query = "".join(f"&{name}={value}" for name, value in more.items())
    return f"/embed/{key.plain}/thread.json?url={quote(url, safe='')}{query}"


def read(key: Any, **named: Any) -> dict[str, Any]:
    response = Client().get(path_of(key, **named))
    assert response.status_code == 200, response.content
    return dict(response.json())


def publish(site: Site, body: str, number: int, **changes: Any) -> Comment:
    return submit_screened(site, body, email=f"r{number}@reader.example", name=f"Reader {number}", **changes)


def test_a_thread_has_its_comments_in_tree_order_and_what_the_form_needs(site: Site, key: Any) -> None:
    root = publish(site, "The first remark.", 1)
    second = publish(site, "Another matter.", 2, website="https://blog.example/")
    reply = publish(site, "I agree.", 3, parent_id=root.id)
    data = read(key)
    thread = Thread.objects.get()
    assert data["v"] == 1
    assert data["thread"] == {
        "id": str(thread.id),
        "version": thread.version,
        "count": 3,
        "open": True,
        "email": True,
        "format": "markdown",
        "work": False,
        "title": "First article",
    }
    assert [each["id"] for each in data["comments"]] == [str(c.id) for c in (root, reply, second)]
    first, answer, other = data["comments"]
    assert first["at"] == int(root.submitted_at.timestamp())
    assert (first["name"], first["html"]) == ("Reader 1", "<p>The first remark.</p>")
    assert first.keys() == {"id", "name", "at", "html", "hue"}
    assert answer["parent"] == str(root.id)
    assert other["site"].startswith("https://blog.example")
    assert all(0 <= each["hue"] < 12 for each in data["comments"])
    assert data.keys() == {"v", "thread", "comments", "token"}


def test_its_token_is_good_for_the_page_by_a_script(site: Site, key: Any) -> None:
    publish(site, "The first remark.", 1)
    for token in (read(key)["token"], read(key, url=f"{PAGE}/other")["token"]):
        url = PAGE if token == read(key)["token"] else f"{PAGE}/other"
        opened = read_form_token(token, site_id=site.id, thread=url)
        assert (opened.state, opened.by_script) == (TokenState.OK, True)


def test_the_api_takes_its_token_with_any_spelling_of_the_address(site: Site, key: Any) -> None:
    publish(site, "The first remark.", 1)
    body = {
        "thread": {"url": f"{PAGE}?utm_source=mail#top"},
        "name": "Bo Reader",
        "email": "bo@reader.example",
        "body": "Sent by the component.",
        "form_token": read(key)["token"],
    }
    sent = Client().post(
        "/api/v1/comments",
        json.dumps(body),
        content_type="application/json",
        headers={"X-Api-Key": key.plain, "Origin": "https://news.example"},
    )
    assert sent.status_code == 202, sent.content
    facts = Comment.objects.get(id=sent.json()["id"]).form_facts
    assert facts["token_by_script"] is True
    assert facts["token_age_s"] is not None


def test_a_page_without_comments_is_an_empty_thread_under_the_given_title(site: Site, key: Any) -> None:
    data = read(key, title="On%20ferries")
    assert data["comments"] == []
    assert "id" not in data["thread"]
    assert (data["thread"]["count"], data["thread"]["version"]) == (0, 0)
    assert data["thread"]["title"] == "On ferries"
    assert Thread.objects.count() == 0
    change_site(site.id, {"is_open": False, "requires_email": False}, actor=SYSTEM)
    closed = read(key)["thread"]
    assert (closed["open"], closed["email"]) == (False, False)


def test_a_removed_comment_with_replies_keeps_its_place_without_name_and_text(site: Site, key: Any) -> None:
    root = publish(site, "Regrettable.", 1, website="https://blog.example/")
    publish(site, "I agree.", 2, parent_id=root.id)
    Comment.objects.filter(id=root.id).update(status=Status.REJECTED)
    first = read(key)["comments"][0]
    assert (first["removed"], first["name"], first["html"], first["hue"]) == (True, "", "", 0)
    assert "site" not in first


@pytest.mark.parametrize(
    ("url", "status", "code"),
    [
        ("https://elsewhere.example/", 403, "thread_not_allowed"),
        ("", 400, "invalid_url"),
        ("javascript:alert(1)", 400, "invalid_url"),
    ],
)
def test_what_a_frame_refuses_is_a_problem_here(key: Any, url: str, status: int, code: str) -> None:
    response = Client().get(path_of(key, url))
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response["Content-Type"] == "application/problem+json"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cache-Control"] == "no-store"


def test_another_sites_thread_key_and_comment_are_not_known_here(site: Site, key: Any) -> None:
    other = build_site("Other", host="other.example")
    theirs = submit_screened(other, "Not yours.", url="https://other.example/page")
    publish(site, "Ours.", 1)
    response = Client().get(path_of(key, "https://other.example/page"))
    assert response.status_code == 403
    assert b"Not yours." not in response.content
    assert Client().get(path_of(key, root=theirs.id)).status_code == 404
    for data in (read(key, comment=theirs.id), read(key, after=theirs.id), read(key, before=theirs.id)):
        assert "Not yours." not in json.dumps(data)


def test_an_unknown_revoked_or_secret_key_is_not_found(site: Site, key: Any) -> None:
    secret = create_key(site.id, KeyKind.SECRET, actor=SYSTEM)
    for name in ("cm_pk_unknown", secret.plain, "x%00y"):
        assert Client().get(f"/embed/{name}/thread.json?url={PAGE}").status_code == 404
    revoke_key(key.key.id, site_id=site.id, actor=SYSTEM)
    assert Client().get(path_of(key)).json()["code"] == "not_found"


def test_reads_are_counted_and_then_refused_as_a_problem(site: Site, key: Any, one_read: None) -> None:
    assert Client().get(path_of(key)).status_code == 200
    response = Client().get(path_of(key))
    assert (response.status_code, response.json()["code"]) == (429, "rate_limited")
    assert int(response["Retry-After"]) > 0
    assert response["Access-Control-Allow-Origin"] == "*"


def test_without_a_database_it_says_when_to_come_back(key: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr("moderation.embed.frame.find_public_site", fail)
    response = Client().get(path_of(key))
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert response["Retry-After"]


def test_only_reading_is_possible(key: Any) -> None:
    assert Client().post(path_of(key)).status_code == 405


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch, no_hurry: None) -> FastPages:
    fast = FastPages(pages)
    monkeypatch.setattr(page_freshness, "_fast", fast)
    fast.note({}, began=time.monotonic(), ended=time.monotonic())
    return fast


def ask(fast: FastPages, path: str, **headers: str) -> Any:
    place, _, query = path.partition("?")
    given: Any = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer_page(fast, place, query, given)


def test_memory_answers_as_django_does(fast: FastPages, site: Site, key: Any) -> None:
    publish(site, "The first remark.", 1)
    assert ask(fast, path_of(key)) is None
    first = Client().get(path_of(key))
    kept = ask(fast, path_of(key))
    assert (kept.status, kept.body) == (200, first.content)
    assert dict(kept.headers) == dict(first.headers.items())
    assert first["Access-Control-Allow-Origin"] == "*"
    assert first["Cache-Control"] == "no-cache"
    assert first["Vary"] == "Accept-Encoding"
    Client().get(path_of(key), headers={"Accept-Encoding": "gzip"})
    zipped = ask(fast, path_of(key), accept_encoding="gzip")
    assert json.loads(gzip.decompress(zipped.body)) == first.json()
    known = ask(fast, path_of(key), if_none_match=first["ETag"])
    assert (known.status, known.body) == (304, b"")
    assert dict(known.headers)["Access-Control-Allow-Origin"] == "*"


def test_a_fresh_token_alone_is_no_news_and_an_hour_later_it_is(site: Site, key: Any) -> None:
    publish(site, "The first remark.", 1)
    etags = []
    for at in ("2026-03-01T10:05", "2026-03-01T10:45", "2026-03-01T11:05"):
        with travel(f"{at}+00:00", tick=False):
            pages.clear()
            etags.append(Client().get(path_of(key))["ETag"])
    assert etags[0] == etags[1] != etags[2]
    publish(site, "News.", 2)
    with travel("2026-03-01T11:06+00:00", tick=False):
        assert Client().get(path_of(key))["ETag"] != etags[2]


def test_one_copy_serves_all_spellings_and_keys_and_the_page_has_its_own(
    fast: FastPages, site: Site, key: Any
) -> None:
    publish(site, "The first remark.", 1)
    again = create_key(site.id, KeyKind.PUBLIC, actor=SYSTEM)
    for each in (key, again):
        for url in (PAGE, f"{PAGE}#top", f"{PAGE}?utm_source=x"):
            Client().get(path_of(each, url, title="Invented", sort="sideways", x=1))
    assert len(pages) == 1
    Client().get(path_of(key).replace("thread.json", "thread"))
    assert len(pages) == 2
    assert ask(fast, path_of(again)).body != ask(fast, path_of(key).replace("thread.json", "thread")).body


def test_parts_that_anybody_can_invent_are_not_kept(site: Site, key: Any) -> None:
    root = publish(site, "The first remark.", 1)
    for name in ("before", "after", "comment", "root"):
        for _ in range(3):
            Client().get(path_of(key, PAGE, **{name: uuid4()}))
    assert len(pages) == 0
    read(key, after=root.id)
    assert len(pages) == 1


def test_a_site_may_let_a_cdn_answer_for_a_while_and_says_for_how_long(site: Site, key: Any) -> None:
    publish(site, "The first remark.", 1)
    paths = [path_of(key), path_of(key).replace("thread.json", "thread")]
    assert {Client().get(path)["Cache-Control"] for path in paths} == {"no-cache"}
    change_site(site.id, {"shared_max_age_s": 20}, actor=SYSTEM)
    paths.append(f"/embed/{key.plain}/counts.json?url={PAGE}")
    for path in paths:
        assert Client().get(path)["Cache-Control"] == "max-age=0, must-revalidate, s-maxage=20"
    own = f"{paths[1]}&unapproved={uuid4()}&view=x"
    assert Client().get(own)["Cache-Control"] == "private, no-store"
