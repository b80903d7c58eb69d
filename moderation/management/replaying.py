"""Sends a stream through the public HTTP API, as a site's server would, and follows it to the end."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from uuid import UUID

from moderation.lib.http_client import JsonAnswer, JsonClient, Unreachable
from moderation.management.streams import StreamRow

CLIENTS = 8
# A row is abandoned after this time without a final answer.
GIVE_UP_S = 120.0
PENDING = frozenset({"screening"})


@dataclass(slots=True)
class Report:
    """The results of the rows. `repeated` ones were posted before by the same author, or sent before."""

    sent: int = 0
    accepted: set[UUID] = field(default_factory=set)
    repeated: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, answer: JsonAnswer) -> None:
        """Count one final answer."""
        with self.lock:
            self.sent += 1
            if answer.status == 202:
                comment_id = UUID(answer.body["id"])
                self.repeated += comment_id in self.accepted
                self.accepted.add(comment_id)
            elif answer.status == 409:
                self.repeated += 1
            else:
                code = answer.body.get("code") if isinstance(answer.body, dict) else None
                self.refused[f"{answer.status} {code or ''}".strip()] += 1

    def note_unanswered(self, reason: str) -> None:
        """Count one row that got no final answer."""
        with self.lock:
            self.sent += 1
            self.refused[f"no answer: {reason}"] += 1


class Replay:
    """One run against one service. `on_progress` is called from time to time with a line to show.

    Raises `ValueError` for an invalid address. Close it when done.
    """

    def __init__(self, url: str, key: str, *, on_progress: Callable[[str], None]) -> None:
        self._url = url.rstrip("/")
        self._key = key
        self._show = on_progress
        self._local = threading.local()
        self._clients = [JsonClient(self._url, key)]
        self.report = Report()

    def close(self) -> None:
        """Close all connections."""
        for client in self._clients:
            client.close()

    def send(self, rows: Sequence[StreamRow], *, rate: float | None) -> float:
        """Send all rows, at most `rate` a second, and return the seconds it took."""
        started = time.monotonic()
        with ThreadPoolExecutor(CLIENTS) as pool:
            futures = []
            for number, row in enumerate(rows):
                if rate:
                    time.sleep(max(0.0, started + number / rate - time.monotonic()))
                futures.append(pool.submit(self._send_one, row))
                if rate and number % 50 == 0:
                    self._show(f"sent {self.report.sent} of {len(rows)}")
            for number, future in enumerate(futures):
                future.result()
                if number % 50 == 0:
                    self._show(f"sent {self.report.sent} of {len(rows)}")
        self._show(f"sent {self.report.sent} of {len(rows)}")
        return time.monotonic() - started

    def follow(self, *, wait_s: float) -> Counter[str]:
        """Ask for each accepted comment's status until none is being screened; counts by status.

        Comments still being screened after `wait_s` are counted as such.
        """
        deadline = time.monotonic() + wait_s
        statuses: dict[UUID, str] = {}
        waiting = sorted(self.report.accepted)
        while waiting:
            with ThreadPoolExecutor(CLIENTS) as pool:
                statuses |= dict(zip(waiting, pool.map(self._status_of, waiting), strict=True))
            waiting = [comment for comment in waiting if statuses[comment] in PENDING]
            self._show(f"screened {len(statuses) - len(waiting)} of {len(self.report.accepted)}")
            if time.monotonic() > deadline:
                break
            if waiting:
                time.sleep(0.2)
        return Counter(statuses.values())

    def _client(self) -> JsonClient:
        if not hasattr(self._local, "client"):
            self._local.client = JsonClient(self._url, self._key)
            self._clients.append(self._local.client)
        client: JsonClient = self._local.client
        return client

    def _send_one(self, row: StreamRow) -> None:
        body = row.as_submission(self._url)
        try:
            self.report.note(
                self._until_final(
                    lambda: self._client().post("/api/v1/comments", body, {"Idempotency-Key": row.id})
                )
            )
        except Unreachable as error:
            self.report.note_unanswered(str(error))

    def _status_of(self, comment_id: UUID) -> str:
        answer = self._until_final(lambda: self._client().get(f"/api/v1/comments/{comment_id}"))
        return str(answer.body["status"]) if answer.status == 200 else f"unknown ({answer.status})"

    def _until_final(self, call: Callable[[], JsonAnswer]) -> JsonAnswer:
        """Call until there is an answer other than "try again later". Raises `Unreachable` in the end."""
        deadline = time.monotonic() + GIVE_UP_S
        while True:
            try:
                answer = call()
            except Unreachable:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
                continue
            if answer.status not in (429, 503) or time.monotonic() > deadline:
                return answer
            time.sleep(min(5.0, float(answer.headers.get("retry-after", "1"))))
