"""Rendered thread pages, kept ready to send in the memory of this web process.

A page is rendered and compressed once per change. Each copy carries a stamp of what it was made
from; whoever has the database at hand compares stamps, and so never sends what is out of date.
`fast.py` sends copies without asking the database, under rules of its own.
"""

import gzip
import hashlib
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from moderation.lib.answer import Answer
from moderation.models import Site, Thread

# Relative times grow old, and so does the form's token.
RENDER_AGAIN_AFTER_S = 60.0
BUDGET_BYTES = 32 * 1024 * 1024
LONGEST_QUERY = 2000
_GZIP = re.compile(r"(?:^|[,\s])gzip(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)
# What a 304 repeats of the headers of the 200 (RFC 9110, section 15.4.5).
_REPEATED = frozenset({"cache-control", "content-security-policy", "etag", "vary"})

Stamp = tuple[Hashable, ...]
Key = tuple[str, str, bool, bool]


@dataclass(slots=True)
class Kept:
    """One page in its three shapes. `checked_at` is when its stamp was last compared; both times are
    of the monotonic clock.
    """

    thread_id: UUID
    stamp: Stamp
    etag: str
    plain: Answer
    zipped: Answer
    not_modified: Answer
    rendered_at: float
    checked_at: float

    def answer(self, accept_encoding: str, if_none_match: str) -> Answer:
        """The shape that this asker wants."""
        if self.etag.removeprefix("W/") in if_none_match:
            return self.not_modified
        return self.zipped if _GZIP.search(accept_encoding) else self.plain

    @property
    def version(self) -> object:
        """(version, changed at) of the thread that it shows."""
        return self.stamp[1:3]

    @property
    def size(self) -> int:
        """Bytes of memory, nearly."""
        return len(self.plain.body) + len(self.zipped.body)


def build_stamp(site: Site, thread: Thread) -> Stamp:
    """All that a page of the thread is made from and that can change."""
    hosts = ",".join(site.hosts)
    seen = (site.id, site.name, hosts, site.is_open, site.requires_email)
    return (thread.id, thread.version, thread.changed_at, *seen)


def build_kept(thread_id: UUID, stamp: Stamp, headers: Mapping[str, str], body: bytes, now: float) -> Kept:
    """A page with all its headers, compressed and named by its content."""
    etag = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    common = [*headers.items(), ("ETag", etag)]
    zipped = gzip.compress(body, compresslevel=6, mtime=0)
    return Kept(
        thread_id=thread_id,
        stamp=stamp,
        etag=etag,
        plain=Answer(200, [*common, ("Content-Length", str(len(body)))], body),
        zipped=Answer(
            200, [*common, ("Content-Encoding", "gzip"), ("Content-Length", str(len(zipped)))], zipped
        ),
        not_modified=Answer(304, [pair for pair in common if pair[0].lower() in _REPEATED], b""),
        rendered_at=now,
        checked_at=now,
    )


class PageMemory:
    """The copies of this process, the least recently used dropped first."""

    def __init__(self, budget_bytes: int = BUDGET_BYTES) -> None:
        self._budget = budget_bytes
        self._pages: OrderedDict[Key, Kept] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._pages)

    def find(self, key: Key) -> Kept | None:
        """The copy under `key`, current or not."""
        with self._lock:
            kept = self._pages.get(key)
            if kept is not None:
                self._pages.move_to_end(key)
            return kept

    def find_current(self, key: Key, stamp: Stamp, *, asked_at: float) -> Kept | None:
        """The copy under `key` if it was made from `stamp`, which was read at `asked_at` or later."""
        kept = self.find(key)
        if kept is None or kept.stamp != stamp or time.monotonic() - kept.rendered_at > RENDER_AGAIN_AFTER_S:
            return None
        kept.checked_at = asked_at
        return kept

    def keep(self, key: Key, kept: Kept) -> None:
        """Put a fresh copy in the place of the former one."""
        with self._lock:
            self._drop(key)
            self._pages[key] = kept
            self._size += kept.size
            while self._size > self._budget and self._pages:
                self._drop(next(iter(self._pages)))

    def peek(self, key: Key) -> Kept | None:
        """The copy under `key`, without counting as its use."""
        return self._pages.get(key)

    def find_all(self, thread_ids: Iterable[UUID]) -> list[tuple[Key, Kept]]:
        """All copies of pages of these threads."""
        wanted = set(thread_ids)
        with self._lock:
            return [(key, kept) for key, kept in self._pages.items() if kept.thread_id in wanted]

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._pages.clear()
            self._size = 0

    def _drop(self, key: Key) -> None:
        former = self._pages.pop(key, None)
        self._size -= former.size if former else 0


pages = PageMemory()
