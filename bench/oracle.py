"""Whether the time of an answer tells who is known here: `python3 run.py bench oracle [--json]`.

Starts a service of its own and asks it in pairs, in random order: a comment under an address that
has commented before and under one that never did; a wrong password for an account that exists and
for one that does not; a key that was revoked, a wrong one, and one that never was. The difference of
the medians should be at most 1 ms. A pair whose second half waits 2 ms more shows what would be seen.
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

from tests.stack import start_stack, stop_stack

GOAL_MS = 1.0
DELAY_S = 0.002
KNOWN = "known.reader@example.org"
Ask = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Difference:
    """Medians of two kinds of question. `noise_ms` is how far two halves of the same kind differ."""

    name: str
    tries: int
    first_ms: float
    second_ms: float
    difference_ms: float
    noise_ms: float


def main() -> None:
    """Measure all pairs and print a line for each, or JSON."""
    parser = argparse.ArgumentParser(prog="run.py bench oracle", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--tries", type=int, default=2000, help="of each kind (default: 2000)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # the database's own user passes through
        # One proxy: each question comes from a network of its own, so that no limit stands in the way.
        stack = start_stack(Path(folder) / "var", "--demo", environment={"TRUSTED_PROXIES": "1"})
        try:
            demo = json.loads(stack.manage("demo", "--json"))
            with httpx.Client(base_url=demo["url"], timeout=60, trust_env=False) as client:
                found = [compare(*pair, tries=options.tries) for pair in Asker(client, demo).pairs()]
        finally:
            stop_stack(stack)
    if options.json:
        print(json.dumps({"goal_ms": GOAL_MS, "pairs": [asdict(each) for each in found]}))
        return
    print(f"{'medians in ms':44} {'first':>9} {'second':>9} {'differ by':>10} {'noise':>8}")
    for each in found:
        print(
            f"{each.name:44} {each.first_ms:9.3f} {each.second_ms:9.3f} {each.difference_ms:10.3f} "
            f"{each.noise_ms:8.3f}"
        )


def compare(name: str, first: Ask, second: Ask, *, tries: int) -> Difference:
    """Ask both kinds `tries` times, in pairs of random order, and compare the medians."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(10):
        first()
        second()
    for _ in range(tries):
        kinds = [0, 1]
        random.shuffle(kinds)
        for kind in kinds:
            began = time.perf_counter()
            (first, second)[kind]()
            times[kind].append(1000 * (time.perf_counter() - began))
    before, after = (statistics.median(each) for each in times)
    halves = [statistics.median(each[::2]) - statistics.median(each[1::2]) for each in times]
    return Difference(name, tries, before, after, after - before, max(map(abs, halves)))


class Asker:
    """Asks the public faces, each time from another network."""

    def __init__(self, client: httpx.Client, demo: dict[str, Any]) -> None:
        self.client = client
        self.demo = demo
        self.path = urlsplit(demo["thread"]).path
        self._numbers = count(1)

    def pairs(self) -> Iterator[tuple[str, Ask, Ask]]:
        """The kinds of question, each with what should not be told apart."""
        self._submit(KNOWN)
        yield "a comment: known, unknown address", lambda: self._submit(KNOWN), self._submit_unknown
        said = f"What everybody can read here, {uuid4().hex}."
        self._submit(KNOWN, said)
        yield (
            "a public text: its author's, another address",
            lambda: self._submit(KNOWN, said),
            (lambda: self._submit(unknown(), said)),
        )
        right, key = self.demo["admin"]["username"], self.demo["api_key"]
        log_in = self._open_log_in()
        yield "log-in: known, unknown user name", lambda: log_in(right), lambda: log_in(uuid4().hex[:8])
        yield (
            "key: wrong, unknown",
            lambda: self._use_key(f"{key[:-4]}AAAA"),
            lambda: self._use_key(f"cm_sk_{uuid4().hex[:16]}_{'A' * 43}"),
        )
        yield (
            "key: unknown, no key at all",
            lambda: self._use_key("cm_sk_nobody_x"),
            lambda: self._use_key("?"),
        )
        yield "control: the same, 2 ms apart", lambda: self._use_key("?"), self._use_key_late

    def _network(self) -> dict[str, str]:
        number = next(self._numbers)  # an author counts together with their /48
        return {"X-Forwarded-For": f"2001:{0xDB8 + (number >> 16):x}:{number & 0xFFFF:x}::1"}

    def _submit_unknown(self) -> None:
        self._submit(unknown())

    def _submit(self, email: str, text: str = "") -> None:
        subject = {"thread": self.demo["thread"]}
        if not hasattr(self, "_token"):
            answer = self.client.get(f"/api/v1/sites/{self.demo['site_key']}/form-token", params=subject)
            self._token = answer.json()["form_token"]
        values = {
            "comment": text or f"A remark like any other, number {uuid4().hex}.",
            "author": "A. Reader",
            "email": email,
            "form_token": self._token,
        }
        answer = self.client.post(f"{self.path}comments/", data=values, headers=self._network())
        assert answer.status_code == 303, answer.text

    def _open_log_in(self) -> Callable[[str], None]:
        page = self.client.get("/admin/login/").text
        token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]

        def log_in(username: str) -> None:
            values = {"csrfmiddlewaretoken": token, "username": username, "password": "not the password"}
            answer = self.client.post("/admin/login/", data=values, headers=self._network())
            assert answer.status_code == 200, answer.status_code

        return log_in

    def _use_key(self, key: str) -> None:
        answer = self.client.get("/api/v1/comments", headers={"X-Api-Key": key})
        assert answer.status_code == 401

    def _use_key_late(self) -> None:
        time.sleep(DELAY_S)
        self._use_key("?")


def unknown() -> str:
    """An address that nobody here has used."""
    return f"{uuid4().hex[:16]}@example.org"


if __name__ == "__main__":
    main()
