"""Clients that do not give up: they post real comments until each has its final answer."""

import random
import re
import threading
import time
from collections.abc import Sequence
from html import unescape
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx

from moderation.lib.http_client import JsonClient, Unreachable
from tests.faults.chaos.ledger import Entry, Ledger

API_CLIENTS, FORM_CLIENTS = 6, 2
# A reader or a server that waits for longer has gone away.
ANSWER_WITHIN_S = 10.0
LONGEST_WAIT_S = 2.0
REPLAYED_SHARE = 0.05
_THREADS_OF_API = [f"chaos-{number}" for number in range(4)]
_ARTICLES = ("the-ferry-that-waits", "the-toaster-comes-home")
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)"[^>]* value="([^"]*)"')
_LATER = (429, 503)
# No answer, or one that came because the database went away: perhaps after it had stored the comment.
_UNSURE = (0, 503)


class Clients:
    """All clients of one run, each in a thread of its own, at `rate` comments a second together.

    As a context manager it starts them; leaving it stops them, whatever they wait for.
    """

    def __init__(self, url: str, key: str, ledger: Ledger, *, rate: float = 25.0, seed: int = 0) -> None:
        self._url = url
        self._key = key
        self._ledger = ledger
        self._pause_s = (API_CLIENTS + FORM_CLIENTS) / rate
        self._seed = seed
        self._enough = threading.Event()
        self._stopped = threading.Event()
        ways = ["api"] * API_CLIENTS + ["form"] * FORM_CLIENTS
        self._threads = [
            threading.Thread(target=self._run, args=(way, number), name=f"client-{number}")
            for number, way in enumerate(ways)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._enough.set()
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def finish(self, *, within_s: float) -> None:
        """Begin nothing new; wait until what was begun has its answer, or the time is up."""
        self._enough.set()
        deadline = time.monotonic() + within_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _run(self, way: str, number: int) -> None:
        dice = random.Random(self._seed * 1000 + number)
        sender = ApiSender(self._url, self._key) if way == "api" else FormSender(self._url)
        try:
            while not self._enough.wait(dice.uniform(0.2, 1.8) * self._pause_s):
                entry = self._ledger.open_entry(way, sender.threads)
                self._deliver(sender, entry)
                if way == "api" and entry.outcome == "accepted" and dice.random() < REPLAYED_SHARE:
                    self._ledger.count_replay()
                    self._deliver(sender, entry)
        finally:
            sender.close()

    def _deliver(self, sender: "ApiSender | FormSender", entry: Entry) -> None:
        """Send until there is a final answer."""
        while not self._stopped.is_set():
            entry.tries += 1
            status, wait_s = sender.send(entry)
            if status in sender.final:
                if entry.ids and not entry.outcome:
                    self._ledger.count_accepted()
                entry.outcome = "accepted" if entry.ids else "repeated"
                return
            self._ledger.count_retry(status)
            entry.unsure += status in _UNSURE
            if status and status not in _LATER:
                self._ledger.note_surprise(f"{entry.way} {status}")
            self._stopped.wait(wait_s)


class ApiSender:
    """Posts as a site's server does, with an idempotency key."""

    final = frozenset({202, 409})
    threads: Sequence[str] = _THREADS_OF_API

    def __init__(self, url: str, key: str) -> None:
        self._client = JsonClient(url, key, timeout_s=ANSWER_WITHIN_S)
        self._url = url

    def send(self, entry: Entry) -> tuple[int, float]:
        """Status (0 for none) and how long to wait before the next try."""
        body = {
            "thread": {"key": entry.thread, "url": f"{self._url}/chaos/{entry.thread}"},
            "name": entry.name,
            "email": entry.email,
            "body": entry.body,
            "author_ip": entry.network,
        }
        try:
            answer = self._client.post("/api/v1/comments", body, {"Idempotency-Key": entry.key})
        except Unreachable:
            return 0, 0.2
        if answer.status == 202:
            entry.ids.append(UUID(answer.body["id"]))
        return answer.status, _wait_of(answer.headers.get("retry-after"))

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


class FormSender:
    """Posts as a reader does: fetches the page, fills in its form, sends it."""

    final = frozenset({303, 409})

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=ANSWER_WITHIN_S)
        self.threads: Sequence[str] = [f"{url}/articles/{slug}/" for slug in _ARTICLES]

    def send(self, entry: Entry) -> tuple[int, float]:
        """As `ApiSender.send`. A second try may learn that the first was stored (409)."""
        headers = {"X-Forwarded-For": entry.network}
        try:
            page = self._client.get(entry.thread, headers=headers)
            if page.status_code != 200:
                return page.status_code, _wait_of(page.headers.get("retry-after"))
            typed = {name: unescape(value) for name, value in _HIDDEN.findall(page.text)}
            typed |= {"comment": entry.body, "author": entry.name, "email": entry.email, "url": ""}
            answer = self._client.post(f"{entry.thread}comments/", data=typed, headers=headers)
        except httpx.TransportError:
            return 0, 0.2
        if answer.status_code == 303:
            query = parse_qs(urlsplit(answer.headers["location"]).query)
            entry.ids.append(UUID(query["unapproved"][0]))
        return answer.status_code, _wait_of(answer.headers.get("retry-after"))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _wait_of(retry_after: str | None) -> float:
    """As long as the service asks for, within reason: the run is short."""
    return min(LONGEST_WAIT_S, float(retry_after or 0.3))
