"""What a service meets on a usual day, as requests: readers, sites' servers, moderators, mistakes."""

import itertools
import random
import re
from collections import Counter, deque
from collections.abc import Callable
from html import unescape
from urllib.parse import quote, urlencode

import orjson

from bench.stack import BenchStack
from bench.texts import THREADS, Submissions, thread_url
from bench.wire import Answer, build_request

_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)"[^>]* value="([^"]*)"')
_SHARES = {
    "submit": 30,
    "read_page": 30,
    "read_thread": 10,
    "read_status": 10,
    "list": 3,
    "decide": 5,
    "undo": 2,
    "post_form": 4,
    "send_nonsense": 6,
}
_NONSENSE = (b"{", b"[]", b'{"body": 1}', b'{"a":' * 50, b"\xff\xfe", b'{"name": "x", "status": "published"}')


class Mix:
    """Makes requests and learns from the answers what can be asked next."""

    def __init__(self, stack: BenchStack) -> None:
        self._stack = stack
        self._random = random.Random(1)
        self._submissions = Submissions()
        self._keys = itertools.count(1)
        self._comments: deque[str] = deque(["0" * 32], maxlen=300)
        self._undecided: deque[str] = deque(maxlen=300)
        self._decisions: deque[str] = deque(maxlen=100)
        self._etags: dict[str, str] = {}
        self._forms: dict[str, dict[str, str]] = {}
        self._asked: dict[int, tuple[str, str]] = {}
        self.told: Counter[tuple[str, int]] = Counter()

    def make(self, number: int) -> bytes:
        """The next request, of a kind drawn by its share."""
        kind = self._random.choices(list(_SHARES), list(_SHARES.values()))[0]
        make: Callable[[int], tuple[str, bytes]] = getattr(self, f"_{kind}")
        path, request = make(number)
        self._asked[number] = (kind, path)
        return request

    def note(self, number: int, answer: Answer) -> None:
        """Learn from an answer."""
        kind, path = self._asked.pop(number)
        self.told[kind, answer.status] += 1
        if kind == "submit" and answer.status == 202:
            comment_id = orjson.loads(answer.body)["id"]
            self._comments.append(comment_id)
            self._undecided.append(comment_id)
        elif kind == "decide" and answer.status == 201:
            self._decisions.append(orjson.loads(answer.body)["id"])
        elif kind in ("read_page", "read_thread") and answer.status == 200:
            self._etags[path] = answer.header("etag")
            if kind == "read_page":
                self._forms[path] = {
                    name: unescape(value) for name, value in _HIDDEN.findall(answer.body.decode())
                }

    def _by_key(self, method: str, path: str, body: bytes = b"") -> tuple[str, bytes]:
        return path, build_request(method, path, self._stack.keys.headers, body)

    def _submit(self, number: int) -> tuple[str, bytes]:
        key = f"soak-{next(self._keys)}"
        return "", self._stack.submission(self._submissions.next_body(), idempotency_key=key)

    def _read_page(self, number: int) -> tuple[str, bytes]:
        path = self._frame_path("thread", number)
        return path, build_request("GET", path, {**self._if_changed(path), **_network(number)})

    def _read_thread(self, number: int) -> tuple[str, bytes]:
        path = f"/api/v1/thread?url={quote(thread_url(number), safe='')}"
        return path, build_request("GET", path, {**self._stack.keys.headers, **self._if_changed(path)})

    def _if_changed(self, path: str) -> dict[str, str]:
        """Every other reader has been there before."""
        etag = self._etags.get(path, "")
        return {"If-None-Match": etag} if etag and self._random.random() < 0.5 else {}

    def _read_status(self, number: int) -> tuple[str, bytes]:
        return self._by_key("GET", f"/api/v1/comments/{self._random.choice(self._comments)}")

    def _list(self, number: int) -> tuple[str, bytes]:
        return self._by_key("GET", "/api/v1/comments?status=held&limit=20")

    def _decide(self, number: int) -> tuple[str, bytes]:
        if len(self._undecided) < 20:  # the oldest of them is screened
            return self._submit(number)
        action, reason = self._random.choice([("approve", "fine"), ("reject", "off_topic")])
        path = f"/api/v1/comments/{self._undecided.popleft()}/decisions"
        return self._by_key("POST", path, orjson.dumps({"action": action, "reason": reason}))

    def _undo(self, number: int) -> tuple[str, bytes]:
        if not self._decisions:
            return self._submit(number)
        return self._by_key("POST", f"/api/v1/decisions/{self._decisions.popleft()}/undo", b"{}")

    def _post_form(self, number: int) -> tuple[str, bytes]:
        path = self._frame_path("thread", number % THREADS)
        typed = {
            **self._forms.get(path, {}),
            "comment": f"I read this twice and saw number {number} only then.",
            "author": "Wilma Dray",
            "email": f"wilma{number % 500}@reader.example",
            "url": "",
        }
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            **_network(number),
        }
        to = self._frame_path("comments", number)
        return to, build_request("POST", to, headers, urlencode(typed).encode())

    def _frame_path(self, what: str, number: int) -> str:
        return f"/embed/{self._stack.keys.public}/{what}?url={quote(thread_url(number), safe='')}"

    def _send_nonsense(self, number: int) -> tuple[str, bytes]:
        return self._by_key("POST", "/api/v1/comments", self._random.choice(_NONSENSE))


def _network(number: int) -> dict[str, str]:
    """Readers come from many networks."""
    return {"X-Forwarded-For": f"10.{number % 200}.{number % 7}.1"}
