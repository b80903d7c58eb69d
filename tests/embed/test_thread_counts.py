"""Counts of many threads: one query, then memory, and never out of date."""

import json
import time
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from moderation.domain.status import Status
from moderation.embed.fast import answer_page
from moderation.embed.thread_counts import LONGEST_KEPT_QUERY, MOST_URLS
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import create_key, revoke_key
from moderation.models import Comment, Site, Thread
from moderation.models.key import KeyKind
from moderation.queries import count_memory, page_freshness
from moderation.queries.count_memory import counts
from moderation.queries.page_freshness import FastPages
from moderation.queries.page_memory import pages
from moderation.queries.threads import changed_threads
from tests.builders import PAGE, build_site, submit_screened

pytestmark = pytest.mark.django_db
OTHER = "https://news.example/second"


@pytest.fixture(autouse=True)
def _empty() -> None:
    counts.clear()


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch, no_hurry: None) -> FastPages:
    fast = FastPages(pages)
    fast.tell(counts.note)
    monkeypatch.setattr(page_freshness, "_fast", fast)
    fast.note({}, began=time.monotonic(), ended=time.monotonic())
    return fast


def path_of(key: Any, *urls: str) -> str:
    query = "&".join(f"url={quote(url, safe='')}" for url in urls)
    return f"/embed/{key.plain}/counts.json?{query}"


def read(key: Any, *urls: str) -> dict[str, int]:
    return dict(Client().get(path_of(key, *urls)).json()["counts"])


def ask(fast: FastPages, key: Any, *urls: str, **headers: str) -> Any:
    path, _, query = path_of(key, *urls).partition("?")
    given: Any = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer_page(fast, path, query, given)


def test_each_page_has_its_count_under_the_address_as_it_was_sent(site: Site, key: Any) -> None:
    submit_screened(site)
    submit_screened(site, "A second remark.", email="b@reader.example")
    urls = (
        PAGE,
        f"{PAGE}?utm_source=mail#top",
        OTHER,
        "https://elsewhere.example/",
        "javascript:alert(1)",
        "",
    )
    assert read(key, *urls) == dict(zip(urls, (2, 2, 0, 0, 0, 0), strict=True))


def test_it_costs_one_query_for_the_key_and_one_for_all_pages(
    site: Site, key: Any, django_assert_num_queries: Any
) -> None:
    submit_screened(site)
    with django_assert_num_queries(2):
        read(key, PAGE, *(f"https://news.example/{number}" for number in range(50)))


def test_another_sites_counts_are_not_told(site: Site, key: Any) -> None:
    other = build_site("Other", host="other.example")
    submit_screened(other, "Theirs.", url="https://other.example/page")
    other.hosts = ["other.example", "news.example"]
    other.save()
    submit_screened(other, "Theirs too.", url=PAGE)
    assert read(key, "https://other.example/page", PAGE) == {"https://other.example/page": 0, PAGE: 0}
    theirs = create_key(other.id, KeyKind.PUBLIC, actor=SYSTEM)
    assert read(theirs, PAGE) == {PAGE: 1}
    assert read(key, PAGE) == {PAGE: 0}


def test_too_many_or_no_pages_are_refused(key: Any) -> None:
    most = [f"https://news.example/{number}" for number in range(MOST_URLS + 1)]
    for urls in (most, []):
        response = Client().get(path_of(key, *urls))
        assert (response.status_code, response.json()["code"]) == (400, "invalid_parameter")
    assert len(read(key, *most[1:])) == MOST_URLS


def test_an_unknown_or_revoked_key_is_not_found(key: Any, site: Site) -> None:
    assert Client().get(f"/embed/cm_pk_unknown/counts.json?url={PAGE}").status_code == 404
    revoke_key(key.key.id, site_id=site.id, actor=SYSTEM)
    assert Client().get(path_of(key, PAGE)).status_code == 404


def test_memory_answers_as_django_does(fast: FastPages, site: Site, key: Any) -> None:
    submit_screened(site)
    assert ask(fast, key, PAGE) is None
    first = Client().get(path_of(key, PAGE, OTHER))
    kept = ask(fast, key, PAGE, OTHER)
    assert (kept.status, kept.body) == (200, first.content)
    assert dict(kept.headers) == dict(first.headers.items())
    assert first["Access-Control-Allow-Origin"] == "*"
    assert first["Cache-Control"] == "no-cache"
    assert ask(fast, key, PAGE, OTHER, if_none_match=first["ETag"]).status == 304
    assert ask(fast, key, OTHER, PAGE) is None


def test_a_change_is_told_with_the_next_look(fast: FastPages, site: Site, key: Any) -> None:
    submit_screened(site)
    assert read(key, PAGE, OTHER) == {PAGE: 1, OTHER: 0}
    submit_screened(site, "The first one there.", url=OTHER, email="b@reader.example")
    assert json.loads(ask(fast, key, PAGE, OTHER).body)["counts"][OTHER] == 0
    fast.look()
    assert ask(fast, key, PAGE, OTHER) is None  # one request makes it anew
    assert json.loads(ask(fast, key, PAGE, OTHER).body)["counts"][OTHER] == 0  # the others need not wait
    assert read(key, PAGE, OTHER) == {PAGE: 1, OTHER: 1}
    assert json.loads(ask(fast, key, PAGE, OTHER).body)["counts"][OTHER] == 1


def test_a_removal_is_told_too(fast: FastPages, site: Site, key: Any) -> None:
    comment = submit_screened(site)
    assert read(key, PAGE) == {PAGE: 1}
    Comment.objects.filter(id=comment.id).update(status=Status.REJECTED)
    thread = Thread.objects.get()
    thread.published_count = 0
    thread.save()
    counts.note(changed_threads())
    assert ask(fast, key, PAGE) is None
    assert read(key, PAGE) == {PAGE: 0}


def test_without_looks_nothing_is_sent_from_memory(
    fast: FastPages, site: Site, key: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit_screened(site)
    read(key, PAGE)
    assert ask(fast, key, PAGE) is not None
    monkeypatch.setattr(page_freshness, "TRUST_FOR_S", -1.0)
    assert ask(fast, key, PAGE) is None


def test_counts_are_read_again_every_half_minute_by_one(
    fast: FastPages, site: Site, key: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit_screened(site)
    read(key, PAGE)
    monkeypatch.setattr(count_memory, "COMPARE_EVERY_S", -1.0)
    monkeypatch.setattr(count_memory, "MADE_WITHIN_S", 600.0)
    assert ask(fast, key, PAGE) is None
    assert ask(fast, key, PAGE) is not None


def test_a_question_of_great_length_is_answered_and_not_kept(fast: FastPages, site: Site, key: Any) -> None:
    long = [f"{PAGE}?{'x' * (LONGEST_KEPT_QUERY // 10)}{number}" for number in range(11)]
    assert len(read(key, *long)) == len(long)
    assert ask(fast, key, *long) is None


def test_reads_are_counted(key: Any, one_read: None) -> None:
    assert Client().get(path_of(key, PAGE)).status_code == 200
    assert Client().get(path_of(key, PAGE)).json()["code"] == "rate_limited"
