"""A thread's JSON from memory: the same answer as Django's, and as fresh as the pages."""

import gzip
import json
import time
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from moderation.api.fast import answer_fast, answer_thread
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import revoke_key
from moderation.lib.answer import Answer
from moderation.models import Site, SiteKey
from moderation.queries import page_freshness
from moderation.queries.page_freshness import FastPages
from moderation.queries.page_memory import pages
from moderation.queries.threads import changed_threads
from tests.api.calls import Api
from tests.builders import PAGE, submit_screened

pytestmark = pytest.mark.django_db


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch, no_hurry: None) -> FastPages:
    """The fast path of a process that has just started."""
    pages.clear()
    fast = FastPages(pages)
    monkeypatch.setattr(page_freshness, "_fast", fast)
    look(fast)
    return fast


def look(fast: FastPages, **changed: Any) -> None:
    now = time.monotonic()
    fast.note(changed.get("changed", {}), began=now, ended=now)


def path_of(public: Api) -> str:
    return f"/api/v1/sites/{public.key}/thread"


def ask(fast: FastPages, public: Api, query: str = f"url={PAGE}", **headers: str) -> Answer | None:
    given: Any = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer_thread(fast, path_of(public), query, given)


def test_memory_answers_as_django_does(fast: FastPages, site: Site, public: Api) -> None:
    submit_screened(site)
    assert ask(fast, public) is None
    first = Api().get(f"{path_of(public)}?url={PAGE}")
    kept = ask(fast, public)
    assert kept is not None
    assert (kept.status, kept.body) == (200, first.raw)
    own = dict(kept.headers)
    assert len(own.pop("X-Request-Id")) == 32
    theirs = {name: value for name, value in first.headers.items() if name != "X-Request-Id"}
    assert own == theirs
    Client().get(f"{path_of(public)}?url={PAGE}", headers={"Accept-Encoding": "gzip"})
    zipped = ask(fast, public, accept_encoding="gzip")
    assert zipped is not None
    assert json.loads(gzip.decompress(zipped.body)) == first.body
    known = ask(fast, public, if_none_match=first.headers["ETag"])
    assert known is not None
    assert (known.status, known.body) == (304, b"")
    assert dict(known.headers)["Access-Control-Allow-Origin"] == "*"


def test_one_copy_serves_all_keys_and_spellings(
    fast: FastPages, site: Site, public: Api, secret: Api
) -> None:
    thread_id = submit_screened(site).thread_id
    Api().get(f"{path_of(public)}?url={PAGE}")
    for path in (
        f"/api/v1/thread?url={PAGE}%23top&limit=50",
        f"/api/v1/thread?key={PAGE}",
        f"/api/v1/threads/{thread_id}",
    ):
        for key in (public, secret):
            assert key.get(path).status == 200
            assert "Access-Control-Allow-Origin" not in key.get(path).headers
    assert len(pages) == 1
    for query in (f"key={PAGE}", f"url={PAGE}%3Futm_source=x", f"limit=50&url={PAGE}"):
        assert ask(fast, public, query) is not None


def test_what_anybody_can_invent_is_not_kept(fast: FastPages, site: Site, public: Api) -> None:
    root = submit_screened(site)
    for _ in range(3):
        Api().get(f"{path_of(public)}?url={PAGE}&after={uuid4()}")
        assert Api().get(f"{path_of(public)}?url={PAGE}&root={uuid4()}").status == 404
        Api().get(f"{path_of(public)}?url={PAGE}&root={root.id}&after={uuid4()}")
    assert len(pages) == 0
    Api().get(f"{path_of(public)}?url={PAGE}&after={root.id}")
    assert ask(fast, public, f"url={PAGE}&after={root.id}") is not None


@pytest.mark.parametrize(
    "query",
    [
        "",
        "url=nonsense",
        f"url={PAGE}&x=1",
        f"url={PAGE}&limit=0",
        f"url={PAGE}&url={PAGE}",
        "key=%00",
        "key=\u20ac",
    ],
)
def test_what_has_to_be_refused_is_left_to_django(
    fast: FastPages, site: Site, public: Api, query: str
) -> None:
    submit_screened(site)
    Api().get(f"{path_of(public)}?url={PAGE}")
    assert ask(fast, public, query) is None


def test_other_methods_paths_and_wishes_are_left_to_django(fast: FastPages, site: Site, public: Api) -> None:
    submit_screened(site)
    Api().get(f"{path_of(public)}?url={PAGE}")
    headers: Any = {}
    assert answer_fast("HEAD", path_of(public), f"url={PAGE}", headers) is None
    assert answer_fast("GET", "/api/v1/thread", f"url={PAGE}", headers) is None
    assert answer_thread(fast, f"/api/v1/sites/{public.key}/form-token", f"url={PAGE}", headers) is None
    assert ask(fast, public, accept="image/png") is None
    assert ask(fast, public, accept="text/html, */*;q=0.8") is not None


def test_a_change_is_seen_at_once_by_django_and_with_the_next_look_here(
    fast: FastPages, site: Site, public: Api
) -> None:
    path = f"{path_of(public)}?url={PAGE}"
    submit_screened(site)
    etag = Api().get(path).headers["ETag"]
    submit_screened(site, "Another remark.", email="bo@reader.example")
    assert ask(fast, public) is not None
    for _, kept in pages.find_all([site.threads.get().id]):
        kept.rendered_at -= page_freshness.REBUILD_EVERY_S
    look(fast, changed={thread.id: thread.state for thread in changed_threads()})
    assert ask(fast, public) is None
    assert Api().get(path, If_None_Match=etag).body["published_count"] == 2
    renewed = ask(fast, public)
    assert renewed is not None
    assert json.loads(renewed.body)["published_count"] == 2


def test_a_revoked_key_ends_within_a_second(fast: FastPages, site: Site, public: Api) -> None:
    submit_screened(site)
    Api().get(f"{path_of(public)}?url={PAGE}")
    key = SiteKey.objects.get(public_id=public.key.removeprefix("cm_pk_"))
    revoke_key(key.id, site_id=site.id, actor=SYSTEM)
    fast.note_key(public.key, site.id, asked_at=time.monotonic() - page_freshness.BELIEVE_KEY_FOR_S - 1)
    assert ask(fast, public) is None
    assert Client().get(f"{path_of(public)}?url={PAGE}").status_code == 404
