"""A running service whose processes are killed on order, and a client of it that does not give up."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg

from config.local.postgres import DATABASE, ROLE
from config.local.servers import database_socket_folder
from moderation.lib.failpoints import DONE
from tests.stack import LiveStack

_ANSWERS_WITHIN_S = 60.0
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Sent:
    """A submission that was accepted in the end."""

    comment_id: UUID
    key: str
    tries: int
    was_replayed: bool


@dataclass(frozen=True, slots=True)
class ArmedService:
    """A running service of one site, whose processes carry out the orders in `orders`."""

    stack: LiveStack
    orders: Path
    made: dict[str, Any]

    def order(self, point: str, action: str = "kill", *wanted: str, name: str = "") -> None:
        """Have the next process that passes `point` and says all of `wanted` carry out `action`, once."""
        label = name or f"{next(_numbers):06}"
        new = self.orders / f"new-{point}-{label}"
        new.write_text("\n".join([action, *wanted]), encoding="utf-8")
        new.rename(self.orders / f"{point}.{label}")

    def carried_out(self, point: str) -> int:
        """How many orders for `point` were carried out so far."""
        return len(list(self.orders.glob(f"{point}.*{DONE}")))

    def was_carried_out(self, point: str, before: int, *, within_s: float) -> bool:
        """Whether one more than `before` was carried out within the time."""
        deadline = monotonic() + within_s
        while self.carried_out(point) == before:
            if monotonic() > deadline:
                return False
            sleep(0.1)
        return True

    def withdraw(self, point: str) -> None:
        """Remove the orders for `point` that stand."""
        for order in self.orders.glob(f"{point}.*"):
            if order.suffix != DONE:
                order.unlink(missing_ok=True)

    def query(
        self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
    ) -> list[tuple[Any, ...]]:
        """All rows of one statement in the service's database, or none for a write."""
        with connect(self.stack.var) as connection:
            # Without parameters a percent sign is a percent sign.
            cursor = connection.execute(statement.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

    def post(self, body: str, key: str, *, email: str = "", timeout_s: float = 15) -> httpx.Response:
        """One try to submit. Raises `httpx.TransportError` where there is no answer."""
        submission = {
            "thread": {"url": "https://news.example/an-article", "title": "An article"},
            "name": "Ada Reader",
            "email": email or f"{key[:12]}@reader.example",
            "body": body,
        }
        headers = {"Authorization": f"Bearer {self.made['key']}", "Idempotency-Key": key}
        url = f"{self.stack.url}/api/v1/comments"
        return httpx.post(url, json=submission, headers=headers, timeout=timeout_s)

    def list_comments(self) -> httpx.Response:
        """The first page of the site's comments."""
        headers = {"Authorization": f"Bearer {self.made['key']}"}
        return httpx.get(f"{self.stack.url}/api/v1/comments", headers=headers, timeout=15)

    def submit(self, body: str = "", **options: Any) -> Sent:
        """Submit as a client does that does not give up: again with the same key until it is accepted."""
        key = uuid4().hex
        text = body or f"A calm and reasonable remark, number {key}."
        deadline = monotonic() + _ANSWERS_WITHIN_S
        for tries in itertools.count(1):
            try:
                answer = self.post(text, key, **options)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 202:
                replayed = answer.headers.get("Idempotent-Replayed") == "true"
                return Sent(UUID(answer.json()["id"]), key, tries, replayed)
            assert answer is None or answer.status_code in (429, 503), answer.text
            assert monotonic() < deadline, "the service did not come back"
            sleep(0.1)
        raise AssertionError

    def statuses(self, comments: Sequence[UUID]) -> dict[UUID, str]:
        """Where each comment stands."""
        return dict(self.query("SELECT id, status FROM comment WHERE id = ANY(%s)", [list(comments)]))

    def wait_until_screened(self, comments: Sequence[UUID], *, within_s: float = 60) -> None:
        """Return when none of them is being screened any more."""
        wait_for(
            lambda: "screening" not in self.statuses(comments).values(), within_s=within_s, what="screening"
        )

    def let_leases_end(self, kind: str) -> None:
        """As if the time of every lease of `kind` had passed."""
        self.query(
            "UPDATE job SET leased_at = leased_at - interval '1 day' WHERE kind = %s AND state = 'open'",
            [kind],
        )


def connect(var: Path) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection as the service's own role; each statement is a transaction."""
    folder = str(database_socket_folder(var))
    return psycopg.connect(host=folder, user=ROLE, dbname=DATABASE, autocommit=True, connect_timeout=5)


def wait_for(is_so: Callable[[], bool], *, within_s: float, what: str) -> None:
    """Ask until it is so; fail after `within_s`."""
    deadline = monotonic() + within_s
    while not is_so():
        assert monotonic() < deadline, f"not within {within_s} s: {what}"
        sleep(0.1)
