"""Pages from memory: right shapes, never out of date, and rendered once for all."""

import gzip
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast
from uuid import UUID, uuid4

import brotli
import psycopg
import pytest
from django.db import Error, OperationalError
from django.test import Client

from moderation.embed.fast import answer_fast, answer_page
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import change_site, change_thread
from moderation.queries import page_freshness
from moderation.queries.page_freshness import KEEP_WHILE_AWAY_S, FastPages
from moderation.queries.page_memory import (
    LONGEST_SHRUNK,
    MOST_INNER_PAGES,
    Kept,
    PageKey,
    PageMemory,
    build_kept,
    pages,
)
from moderation.queries.threads import Position
from tests.builders import submit_screened
from tests.embed.forms import ARTICLE, PATH, build_demo_site, fetch, url

THREAD = uuid4()
NO_HEADERS: Any = {}
KEY = PageKey("/articles/one/")
OLD, NEW = (1, "then"), (2, "now")


@pytest.fixture(autouse=True)
def _empty() -> None:
    pages.clear()


def make(version=OLD, body: bytes = b"a page", thread_id: UUID = THREAD) -> Kept:
    return build_kept(
        thread_id,
        (thread_id, *version),
        {"Vary": "Cookie", "X-Frame-Options": "DENY"},
        body,
        time.monotonic(),
    )


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    for module in (
        "moderation.queries.page_freshness",
        "moderation.queries.page_memory",
        "tests.embed.test_memory",
    ):
        monkeypatch.setattr(f"{module}.time", clock)
    return clock


class Reader:
    """Asks the fast path; looks for changes when told to."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.memory = PageMemory()
        self.fast = FastPages(self.memory)

    def keep(self, version=OLD, body: bytes = b"a page") -> Kept:
        kept = make(version, body)
        kept.answer("", "")
        self.memory.keep(KEY, kept)
        return kept

    def look(self, **changed) -> None:
        self.fast.note(changed.get("changed", {}), began=self.clock.now, ended=self.clock.now)

    def ask(self, **headers: str) -> bytes | None:
        answer = answer_page(self.fast, "/articles/one/", "", cast("Any", headers))
        return answer.body if answer else None


@pytest.fixture
def reader(clock) -> Reader:
    reader = Reader(clock)
    reader.look()
    reader.keep()
    return reader


def test_a_copy_is_sent_while_looks_succeed(reader, clock):
    assert reader.ask() == b"a page"
    for _ in range(8):
        clock.now += 1.0
        reader.look()
        assert reader.ask() == b"a page"


def test_it_is_bypassed_as_soon_as_looks_fail_and_compared_after(reader, clock):
    clock.now += 1.1
    assert reader.ask() is None
    reader.look()
    assert reader.ask() is None  # a change may have been missed meanwhile
    reader.memory.find(KEY).checked_at = clock.now  # Django compared it
    assert reader.ask() == b"a page"


def failure(error: Exception) -> Error:
    """As Django raises it."""
    try:
        try:
            raise error
        except Exception as cause:
            raise OperationalError from cause
    except OperationalError as raised:
        return raised


def test_while_the_database_is_away_readers_keep_what_there_is_for_a_while(reader, clock):
    clock.now += 5
    assert reader.ask() is None
    reader.fast.note_failure(failure(psycopg.OperationalError("refused")))
    assert reader.ask() == b"a page"
    clock.now += KEEP_WHILE_AWAY_S
    assert reader.ask() is None


def test_after_an_outage_every_copy_is_compared_anew(reader, clock):
    reader.fast.note_failure(failure(psycopg.OperationalError("refused")))
    clock.now += 5
    assert reader.ask() == b"a page"
    reader.look()
    assert reader.ask() is None


def test_a_database_that_is_only_busy_is_asked(reader, clock):
    clock.now += 5
    reader.fast.note_failure(failure(psycopg.errors.TooManyConnections("all in use")))
    assert reader.ask() is None


def test_a_slow_look_proves_nothing_about_the_time_before(reader, clock):
    clock.now += 0.9
    reader.fast.note({}, began=clock.now, ended=clock.now + 0.5)
    assert reader.ask() is None


def test_one_reader_has_a_changed_page_made_and_the_others_get_the_former(reader, clock):
    clock.now += 0.5
    reader.look(changed={THREAD: NEW})
    assert reader.ask() is None
    assert reader.ask() == b"a page"
    reader.keep(NEW, b"the new page")
    assert reader.ask() == b"the new page"


def test_a_page_is_made_at_most_four_times_a_second(reader, clock):
    clock.now += 0.1
    reader.look(changed={THREAD: NEW})
    assert reader.ask() == b"a page"
    clock.now += 0.2
    assert reader.ask() is None


def test_whoever_was_to_make_it_and_failed_is_followed_by_another(reader, clock):
    clock.now += 0.5
    reader.look(changed={THREAD: NEW})
    assert reader.ask() is None
    for _ in range(4):
        clock.now += 0.6
        reader.look(changed={THREAD: NEW})
    assert reader.ask() is None


def test_a_look_older_than_the_copy_does_not_bother_it_for_long(reader, clock):
    clock.now += 0.5
    kept = reader.keep(NEW)
    clock.now += 0.1
    reader.look(changed={THREAD: OLD})
    clock.now += 0.5
    reader.look()
    assert reader.ask() is None  # Django finds it current
    kept.checked_at = clock.now
    assert reader.ask() == b"a page"


def test_it_is_compared_every_half_minute_and_made_again_every_minute(reader, clock):
    def pass_time(seconds: int) -> None:
        for _ in range(seconds):
            clock.now += 1.0
            reader.look()

    pass_time(29)
    assert reader.ask() == b"a page"
    pass_time(2)
    assert reader.ask() is None
    reader.memory.find(KEY).checked_at = clock.now
    assert reader.ask() == b"a page"
    pass_time(29)
    assert reader.memory.find_current(KEY, (THREAD, *OLD), asked_at=clock.now) is not None
    pass_time(2)
    assert reader.memory.find_current(KEY, (THREAD, *OLD), asked_at=clock.now) is None


def test_only_plain_requests_are_answered(reader):
    assert answer_fast("POST", "/articles/one/", "", NO_HEADERS) is None
    assert answer_page(reader.fast, "/articles/one/", f"replyto={uuid4()}", NO_HEADERS) is None
    assert answer_fast("GET", "/admin/", "", NO_HEADERS) is None
    assert answer_page(reader.fast, "/admin/", "", NO_HEADERS) is None
    assert reader.ask(cookie="comment_author_0a1b=v1:x") is None
    assert reader.ask(cookie="other=1") == b"a page"
    assert reader.ask(**{"sec-fetch-site": "cross-site"}) == b"a page"


def test_in_production_only_proven_https_is_answered(reader, settings, clock):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    secure = make()
    secure.answer("", "")
    reader.memory.keep(KEY._replace(is_secure=True), secure)
    assert reader.ask() is None
    assert reader.ask(**{"x-forwarded-proto": "http"}) is None
    assert reader.ask(**{"x-forwarded-proto": "https"}) == b"a page"
    settings.SECURE_PROXY_SSL_HEADER = None
    assert reader.ask(**{"x-forwarded-proto": "https"}) is None


def test_a_key_is_believed_for_a_second_and_looked_up_by_one_asker_before(reader, clock):
    site_id = uuid4()
    assert reader.fast.site_of_key("cm_pk_a") is None
    reader.fast.note_key("cm_pk_a", site_id, asked_at=clock.now)
    assert reader.fast.site_of_key("cm_pk_a") == site_id
    clock.now += 0.6
    assert [reader.fast.site_of_key("cm_pk_a") for _ in range(3)] == [None, site_id, site_id]
    clock.now += 0.5
    assert reader.fast.site_of_key("cm_pk_a") is None
    reader.fast.note_key("cm_pk_a", site_id, asked_at=clock.now)
    assert reader.fast.site_of_key("cm_pk_a") == site_id


def test_while_the_database_is_away_keys_stay_as_they_were(reader, clock):
    site_id = uuid4()
    reader.fast.note_key("cm_pk_a", site_id, asked_at=clock.now)
    clock.now += 5
    assert reader.fast.site_of_key("cm_pk_a") is None
    reader.fast.note_failure(failure(psycopg.OperationalError("refused")))
    assert [reader.fast.site_of_key("cm_pk_a") for _ in range(2)] == [site_id, site_id]
    clock.now += KEEP_WHILE_AWAY_S
    assert reader.fast.site_of_key("cm_pk_a") is None


OPENED: dict[str, Any] = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0.1, gzip;q=0.8", "br"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.000,gzip;q=1.0", "gzip"),
        ("gzip;q=0", ""),
        ("brotli", ""),
        ("identity", ""),
        ("", ""),
    ],
)
def test_it_is_compressed_for_those_who_accept_it(accepted, encoding):
    answer = make(body=b"words " * 500).answer(accepted, "")
    headers = dict(answer.headers)
    assert headers.get("Content-Encoding", "") == encoding
    assert int(headers["Content-Length"]) == len(answer.body)
    assert OPENED[encoding](answer.body) == b"words " * 500


def test_each_encoding_is_made_once_and_not_on_the_fast_path(reader):
    asked: Any = {"accept-encoding": "br"}
    assert answer_page(reader.fast, "/articles/one/", "", asked) is None
    kept = reader.memory.find(KEY)
    first = kept.answer("br", "")
    assert kept.answer("gzip, br", "") is first
    assert answer_page(reader.fast, "/articles/one/", "", asked) is first


def test_a_copy_that_stands_is_made_smaller_once(clock):
    memory = PageMemory()
    fast = FastPages(memory)
    text = ARTICLE.html.encode()
    kept, other, long = make(body=text), make(body=text), make(body=bytes(LONGEST_SHRUNK + 1))
    quick = kept.answer("br", "")
    other.answer("gzip", "")
    long.answer("br", "")
    for number, each in enumerate((kept, other, long)):
        memory.keep(PageKey(f"/{number}"), each)
    fast.shrink_one()
    assert kept.answer("br", "") is quick  # it may change again in a moment
    clock.now += 2
    fast.shrink_one()
    small = kept.answer("br", "")
    assert len(small.body) < len(quick.body)
    assert brotli.decompress(small.body) == text
    assert dict(small.headers)["ETag"] == dict(quick.headers)["ETag"]
    third = make(body=text + b"!")
    third.answer("br", "")
    memory.keep(PageKey("/3"), third)
    clock.now += 0.9
    fast.shrink_one()  # too soon after the other one
    assert not third.is_shrunk
    clock.now += 2
    fast.shrink_one()
    assert third.is_shrunk
    assert kept.answer("br", "") is small
    assert "br" not in other.encoded


def test_one_request_makes_a_copy_and_the_others_wait_for_it():
    memory, made = PageMemory(), list[Kept]()
    under_way = threading.Event()

    def ask() -> Kept:
        with memory.turn(KEY):
            found = memory.find_current(KEY, (THREAD, *OLD), asked_at=0.0)
            if found is not None:
                return found
            under_way.wait()
            made.append(make())
            memory.keep(KEY, made[-1])
            return made[-1]

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(ask) for _ in range(8)]
        under_way.set()
        found = {id(each.result()) for each in asked}
    assert len(made) == len(found) == 1


def test_nobody_waits_for_a_turn_for_ever(monkeypatch):
    monkeypatch.setattr("moderation.queries.page_memory.LONGEST_TURN_S", 0.01)
    memory = PageMemory()
    with memory.turn(KEY), memory.turn(KEY):
        pass
    with memory.turn(KEY._replace(theme="dark")), memory.turn(KEY):
        pass


def test_a_copy_of_a_newer_version_serves_whoever_read_the_thread_before():
    memory = PageMemory()
    memory.keep(KEY, make(NEW))
    asked_at = time.monotonic()
    assert memory.find_current(KEY, (THREAD, *OLD), asked_at=asked_at) is not None
    assert memory.find_current(KEY, (THREAD, 3, "later"), asked_at=asked_at) is None
    assert memory.find_current(KEY, (uuid4(), *OLD), asked_at=asked_at) is None
    assert memory.find_current(KEY, (THREAD, *OLD, "another name"), asked_at=asked_at) is None


def test_whoever_has_it_gets_304():
    kept = make()
    for known in (kept.etag, f'"other", {kept.etag}', kept.etag.removeprefix("W/")):
        answer = kept.answer("gzip", known)
        assert (answer.status, answer.body) == (304, b"")
        assert "X-Frame-Options" not in dict(answer.headers)
    assert kept.answer("", 'W/"other"').status == 200


def test_the_memory_keeps_to_its_budget():
    memory = PageMemory(budget_bytes=1000)
    for number in range(20):
        memory.keep(PageKey(f"/{number}"), make(body=b"x" * 200))
    assert 0 < len(memory) < 5
    assert memory.find(PageKey("/19")) is not None


def test_pages_further_back_drop_no_first_page():
    memory = PageMemory(budget_bytes=4000)
    memory.keep(KEY, make(body=b"x" * 200))
    for _ in range(100):
        memory.keep(KEY._replace(position=Position(before=uuid4())), make(body=b"x" * 200, thread_id=uuid4()))
    assert memory.find(KEY) is not None
    assert len(memory) < 6


def test_one_thread_has_only_some_pages_in_memory():
    memory = PageMemory()
    other = KEY._replace(place="/articles/two/", position=Position(before=uuid4()))
    memory.keep(other, make(thread_id=uuid4()))
    for _ in range(100):
        memory.keep(KEY._replace(position=Position(before=uuid4())), make())
    assert len(memory) == MOST_INNER_PAGES + 1
    assert memory.find(other) is not None


@pytest.mark.django_db
class TestThroughDjango:
    @pytest.fixture
    def site(self):
        site = build_demo_site()
        submit_screened(site, "The first remark.", url=url())
        return site

    def test_a_page_is_rendered_once_and_then_304(self, client: Client, site, django_assert_num_queries):
        first = fetch(client).response
        with django_assert_num_queries(2):  # the site, the thread
            second = fetch(client).response
        assert second.content == first.content
        assert second["Cache-Control"] == "no-cache"
        assert set(second["Vary"].split(", ")) == {"Cookie", "Accept-Encoding"}
        assert second["X-Content-Type-Options"] == "nosniff"
        assert second["X-Frame-Options"] == "DENY"
        third = fetch(client, HTTP_IF_NONE_MATCH=second["ETag"]).response
        assert (third.status_code, third.content) == (304, b"")

    def test_a_new_comment_is_shown_at_once(self, client: Client, site):
        fetch(client)
        submit_screened(site, "The second remark.", email="b@reader.example", url=url())
        assert "The second remark." in fetch(client).text

    def test_closing_acts_at_once(self, client: Client, site):
        thread = site.threads.get()
        assert "<form" in fetch(client).text
        change_thread(thread.id, site_id=site.id, is_open=False, actor=SYSTEM)
        assert "<form" not in fetch(client).text
        change_thread(thread.id, site_id=site.id, is_open=None, actor=SYSTEM)
        change_site(site.id, {"is_open": False}, actor=SYSTEM)
        assert "<form" not in fetch(client).text

    def test_what_is_one_readers_own_is_not_kept(self, client: Client, site):
        comment = site.comments.get()
        fetch(client, f"{PATH}?replyto={comment.id}")
        fetch(client, f"{PATH}?unapproved={comment.id}&view=x")
        client.cookies["comment_author_x"] = "y"
        fetch(client)
        assert len(pages) == 0

    def test_a_look_finds_what_changed(self, client: Client, site, monkeypatch):
        fetch(client)
        watched = FastPages(pages)
        monkeypatch.setattr(page_freshness, "_fast", watched)
        assert answer_page(watched, PATH, "", NO_HEADERS) is None
        watched.look()
        fetch(client)
        assert answer_page(watched, PATH, "", NO_HEADERS) is not None
        submit_screened(site, "The second remark.", email="b@reader.example", url=url())
        time.sleep(page_freshness.REBUILD_EVERY_S)
        watched.look()
        assert answer_page(watched, PATH, "", NO_HEADERS) is None

    def test_what_an_address_says_besides_makes_no_other_copy(self, client: Client, site):
        for query in ("", "?utm_source=x", "?title=Invented", "?after=nonsense", "?waited=1", "?x=1&x=2"):
            first = fetch(client, f"{PATH}{query}")
            assert first.status == 200
        assert len(pages) == 1

    def test_a_place_that_somebody_made_up_is_shown_and_not_kept(self, client: Client, site):
        for name in ("before", "after", "root"):
            for _ in range(3):
                assert fetch(client, f"{PATH}?{name}={uuid4()}").status == 200
        assert len(pages) == 0
        root = site.comments.get()
        assert fetch(client, f"{PATH}?after={root.id}").status == 200
        assert fetch(client, f"{PATH}?after={root.id.hex.upper()}").status == 200
        assert len(pages) == 1
