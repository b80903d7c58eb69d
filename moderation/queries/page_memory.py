"""Rendered threads, as pages and as JSON, kept ready to send in the memory of this web process.

A page is rendered once per change, and compressed once in each encoding that is asked for. Each copy has a
stamp of what it was made from; a caller with the database at hand compares stamps, and so never sends an
outdated copy. `page_freshness.py` sends copies without asking the database, by rules of its own.

The key of a copy is what it shows, not how its address is written. Copies that anybody can request in many
variants have a part of the memory to themselves: later pages of a thread, and JSON of unusual lengths.
Reading all of those drops no thread's first page. Of the first page itself a thread keeps the copies that
were used last, few enough that reading it in all languages and colours leaves room for others.
"""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple, cast
from uuid import UUID
from weakref import WeakValueDictionary

from moderation.lib.answer import Answer
from moderation.lib.compression import BROTLI, choose_encoding, compress, compress_hard
from moderation.models import Site, Thread
from moderation.queries.threads import Position

# Relative times and the form's token become outdated.
RENDER_AGAIN_AFTER_S = 60.0
BUDGET_BYTES = 32 * 1024 * 1024
# The part of the budget for everything but first pages of threads, and the number of such copies per thread.
INNER_SHARE = 0.25
MOST_INNER_PAGES = 16
# As JSON and in each colour, framed by another site or not; or in other languages.
MOST_FIRST_PAGES = 8
LONGEST_QUERY = 4000
LONGEST_TURN_S = 2.0
# What has not changed for so long is worth the time to be made smaller, unless that takes too long.
SHRINK_AFTER_S = 1.0
LONGEST_SHRUNK = 128 * 1024
# The headers of the 200 that a 304 repeats (RFC 9110, section 15.4.5), and the one that browsers check on any
# answer.
_REPEATED = frozenset(
    {"access-control-allow-origin", "cache-control", "content-security-policy", "etag", "vary"}
)

Stamp = tuple[Hashable, ...]


class PageKey(NamedTuple):
    """What a copy shows. `place` is a page's path, or the site whose thread is shown as JSON; `name` is the
    thread's name if the place has several; `theme` is the page's colours.
    """

    place: str
    name: str = ""
    position: Position = Position()
    theme: str = ""
    is_cross_site: bool = False
    is_secure: bool = False
    language: str = "en"

    @property
    def is_first_page(self) -> bool:
        """Whether it is what a thread's plain address shows."""
        return self.position == Position()


@dataclass(slots=True)
class Kept:
    """One page with the encodings of it that were asked for. `checked_at` is when its stamp was last
    compared; both times are of the monotonic clock.
    """

    thread_id: UUID
    stamp: Stamp
    etag: str
    headers: list[tuple[str, str]]
    body: bytes
    not_modified: Answer
    rendered_at: float
    checked_at: float
    encoded: dict[str, Answer] = field(default_factory=dict)
    is_shrunk: bool = False

    @property
    def may_shrink(self) -> bool:
        """Whether readers get it by brotli, and more slowly it would be smaller."""
        return not self.is_shrunk and BROTLI in self.encoded and len(self.body) <= LONGEST_SHRUNK

    def shrink(self) -> None:
        """Compress it once more, harder."""
        self.is_shrunk = True
        small = compress_hard(self.body)
        if len(small) < len(self.encoded[BROTLI].body):
            self.encode(BROTLI, lambda *_: small)

    def find_answer(self, accept_encoding: str, if_none_match: str) -> Answer | None:
        """The encoding that this client prefers, if it is there already."""
        if if_none_match and self.etag.removeprefix("W/") in if_none_match:
            return self.not_modified
        return self.encoded.get(choose_encoding(accept_encoding))

    def answer(self, accept_encoding: str, if_none_match: str) -> Answer:
        """The same, compressed now if it is not there."""
        found = self.find_answer(accept_encoding, if_none_match)
        return found or self.encode(choose_encoding(accept_encoding), compress)

    def encode(self, encoding: str, by: Callable[[bytes, str], bytes]) -> Answer:
        """Keep it in this encoding, in place of a former one."""
        body = by(self.body, encoding)
        named = [("Content-Encoding", encoding)] if encoding else []
        headers = [*self.headers, *named, ("Content-Length", str(len(body)))]
        answer = self.encoded[encoding] = Answer(200, headers, body)
        return answer

    def is_at_least(self, stamp: Stamp) -> bool:
        """Whether it was made from `stamp`, or from a newer version of the same thread of the same site."""
        (ours, version, _, *site), (theirs, other_version, _, *other_site) = self.stamp, stamp
        is_newer = cast("int", version) > cast("int", other_version)
        return self.stamp == stamp or (is_newer and [ours, *site] == [theirs, *other_site])

    @property
    def version(self) -> object:
        """(version, changed at) of the thread that it shows."""
        return self.stamp[1:3]

    @property
    def size(self) -> int:
        """At most so many bytes in memory: brotli and gzip together need less than the page itself."""
        return 2 * len(self.body)


def build_stamp(site: Site, thread: Thread) -> Stamp:
    """Everything that a page of the thread is made from and that can change."""
    hosts = ",".join(site.hosts)
    seen = (
        site.id,
        site.name,
        hosts,
        site.is_open,
        site.requires_email,
        site.text_format,
        site.proof_of_work,
        site.shared_max_age_s,
    )
    return (thread.id, thread.version, thread.changed_at, *seen)


def build_etag(*parts: bytes) -> str:
    """A weak ETag: answers with the same parts are worth the same."""
    return f'W/"{hashlib.blake2b(b"|".join(parts), digest_size=12).hexdigest()}"'


def build_kept(thread_id: UUID, stamp: Stamp, headers: Mapping[str, str], body: bytes, now: float) -> Kept:
    """A page with all its headers, and an ETag of its content unless it has one."""
    etag = headers.get("ETag") or build_etag(body)
    common = [*(pair for pair in headers.items() if pair[0] != "ETag"), ("ETag", etag)]
    return Kept(
        thread_id=thread_id,
        stamp=stamp,
        etag=etag,
        headers=common,
        body=body,
        not_modified=Answer(304, [pair for pair in common if pair[0].lower() in _REPEATED], b""),
        rendered_at=now,
        checked_at=now,
    )


class _Shelf:
    """Copies up to a number of bytes; the least recently used are dropped first."""

    def __init__(self, budget_bytes: int) -> None:
        self.copies: OrderedDict[PageKey, Kept] = OrderedDict()
        self._budget = budget_bytes
        self._size = 0

    def put(self, key: PageKey, kept: Kept) -> None:
        """Store a copy, in place of the former one."""
        self.drop(key)
        self.copies[key] = kept
        self._size += kept.size
        while self._size > self._budget and self.copies:
            self.drop(next(iter(self.copies)))

    def drop(self, key: PageKey) -> None:
        """Drop the copy under `key`, if there is one."""
        former = self.copies.pop(key, None)
        self._size -= former.size if former else 0


class PageMemory:
    """The copies of this process. First pages of threads and all other copies have separate shelves."""

    def __init__(self, budget_bytes: int = BUDGET_BYTES) -> None:
        inner = int(budget_bytes * INNER_SHARE)
        self._first, self._inner = _Shelf(budget_bytes - inner), _Shelf(inner)
        self._lock = threading.Lock()
        self._turns: WeakValueDictionary[PageKey, threading.Lock] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._first.copies) + len(self._inner.copies)

    def find(self, key: PageKey) -> Kept | None:
        """The copy under `key`, current or not."""
        copies = self._shelf_of(key).copies
        with self._lock:
            kept = copies.get(key)
            if kept is not None:
                copies.move_to_end(key)
            return kept

    @contextmanager
    def turn(self, key: PageKey) -> Iterator[None]:
        """Enter alone, so that one request makes the copy under `key` and the others find it made.

        Whoever has waited for too long enters all the same.
        """
        with self._lock:
            lock = self._turns.get(key)
            if lock is None:
                lock = self._turns[key] = threading.Lock()
        is_alone = lock.acquire(timeout=LONGEST_TURN_S)
        try:
            yield
        finally:
            if is_alone:
                lock.release()

    def find_current(self, key: PageKey, stamp: Stamp, *, asked_at: float) -> Kept | None:
        """The copy under `key` if it was made from `stamp`, which was read at `asked_at` or later, or from a
        newer version of the thread.
        """
        kept = self.find(key)
        if (
            kept is None
            or not kept.is_at_least(stamp)
            or time.monotonic() - kept.rendered_at > RENDER_AGAIN_AFTER_S
        ):
            return None
        kept.checked_at = max(kept.checked_at, asked_at)
        return kept

    def keep(self, key: PageKey, kept: Kept) -> None:
        """Store a new copy, in place of the former one."""
        with self._lock:
            self._shelf_of(key).put(key, kept)
            self._drop_surplus(key, kept.thread_id)

    def find_shrinkable(self, now: float) -> Kept | None:
        """A copy that readers get by brotli and that has not been made smaller: the one used last of those
        that have stood for a while.
        """
        with self._lock:
            for shelf in (self._first, self._inner):
                for kept in reversed(shelf.copies.values()):
                    if kept.may_shrink and now - kept.rendered_at > SHRINK_AFTER_S:
                        return kept
        return None

    def peek(self, key: PageKey) -> Kept | None:
        """The copy under `key`, without counting as its use."""
        return self._shelf_of(key).copies.get(key)

    def find_all(self, thread_ids: Iterable[UUID]) -> list[tuple[PageKey, Kept]]:
        """All copies of pages of these threads."""
        wanted = set(thread_ids)
        if not wanted:
            return []
        with self._lock:
            return [
                (key, kept)
                for shelf in (self._first, self._inner)
                for key, kept in shelf.copies.items()
                if kept.thread_id in wanted
            ]

    def clear(self) -> None:
        """Drop all copies."""
        with self._lock:
            for shelf in (self._first, self._inner):
                for key in list(shelf.copies):
                    shelf.drop(key)

    def _shelf_of(self, key: PageKey) -> _Shelf:
        return self._first if key.is_first_page else self._inner

    def _drop_surplus(self, new: PageKey, thread_id: UUID) -> None:
        """Drop the least recently used copies of this thread on the shelf of `new`."""
        shelf, most = self._shelf_of(new), MOST_FIRST_PAGES if new.is_first_page else MOST_INNER_PAGES
        keys = [key for key, kept in shelf.copies.items() if kept.thread_id == thread_id]
        for key in keys[:-most]:
            shelf.drop(key)


pages = PageMemory()
