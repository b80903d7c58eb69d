"""The running service as somebody else's client meets it, and what its site has stored."""

import asyncio
import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar

from tests.stack import BASE, LiveStack

BLOG = "https://news.example/"
# Keys as they look, which nobody was given.
WRONG_SECRET = "cm_sk_nobody-1_" + "a" * 43
WRONG_AKISMET = "zzzzzzzzzzzz"

CALM = "The council should have asked the people who live there before it closed the road."
INSULT = "You are a disgusting idiot and a complete moron, shut your stupid mouth."
SPAM = (
    "Cheap viagra and casino bonus!!! Visit http://cheap-pills.example/buy http://casino-win.example/now "
    "http://best-replica-watches.example/ and make $5000 a day from home, click here now!!!"
)
_numbers = count(1)
_Value = TypeVar("_Value")


def fresh(text: str) -> str:
    """The text as nobody has said it before."""
    return f"{text} {next(_numbers)}"


@dataclass(frozen=True, slots=True)
class ForeignService:
    """Where it runs, and the keys of two sites: see `ground.py`."""

    url: str
    secret: str
    score: str
    akismet: str
    other_secret: str
    other_akismet: str
    revoked: str
    revoked_akismet: str

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return int(self.url.rpartition(":")[2])

    def stored(self, text: str, *, key: str = "") -> dict[str, Any] | None:
        """The comment with this text as the API shows it: the first site's unless another's key is given."""
        after = ""
        while True:
            page = self._page(after, key or self.secret)
            found = next((row for row in page["comments"] if row["body"] == text), None)
            after = page["next_after"]
            if found is not None or not after:
                return found

    def status_of(self, text: str) -> str:
        """The status of the first site's comment with this text, which it must have."""
        comment = self.stored(text)
        assert comment is not None
        status: str = comment["status"]
        return status

    def _page(self, after: str, key: str) -> dict[str, Any]:
        query = f"?limit=100{'&after=' + after if after else ''}"
        request = urllib.request.Request(
            f"{self.url}/api/v1/comments{query}", headers={"Authorization": f"Bearer {key}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            page: dict[str, Any] = json.load(answer)
            return page


def make_service(stack: LiveStack) -> ForeignService:
    """Two sites with keys in a running service."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.foreign.ground"],
        cwd=BASE,
        env=dict(stack.environment),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    return ForeignService(stack.url, **json.loads(ran.stdout.splitlines()[-1]))


def run_apart(make: Callable[[], Coroutine[Any, Any, _Value]]) -> _Value:
    """Run a coroutine in a thread of its own: a browser's test may have left a loop running in ours."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(make())).result()
