"""Posts comments at a steady pace and times each answer."""

import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from moderation.lib.http_client import JsonClient, Unreachable
from tests.faults.chaos.scene import Scene

SLOW_S = 0.45  # the broker's time-out is 0.5 s: nothing else takes as long on a machine that is not full


@dataclass(slots=True)
class Post:
    """One answer: when it was asked for, how long it took, what it was."""

    at: float
    took_s: float
    status: int
    retry_after: str
    kind: str
    comment_id: UUID | None = None


@dataclass(slots=True)
class Posts:
    """All answers of one load."""

    posts: list[Post] = field(default_factory=list)

    @property
    def statuses(self) -> set[int]:
        """Which answers there were."""
        return {post.status for post in self.posts}

    @property
    def ids(self) -> list[UUID]:
        """What was accepted."""
        return [post.comment_id for post in self.posts if post.comment_id]

    def slow_in_any(self, window_s: float, *, slow_s: float = SLOW_S) -> int:
        """The most slow answers that began within any `window_s`."""
        slow = sorted(post.at for post in self.posts if post.took_s > slow_s)
        return max((sum(at <= other < at + window_s for other in slow) for at in slow), default=0)

    def p99_ms(self) -> float:
        """The 99th percentile of the times."""
        return 1000 * statistics.quantiles([post.took_s for post in self.posts], n=100)[98]


def post_one(client: JsonClient, url: str) -> Post:
    """One comment that nobody has sent before."""
    word = uuid4().hex
    body = {
        "thread": {"key": "steady", "url": f"{url}/steady"},
        "name": "A Reader",
        "email": f"reader-{word[:12]}@steady.example",
        "body": f"A remark of its own, {word}.",
        "author_ip": "198.18.7.7",
    }
    began = time.monotonic()
    try:
        answer = client.post("/api/v1/comments", body, {"Idempotency-Key": word})
    except Unreachable:
        return Post(began, time.monotonic() - began, 0, "", "")
    took_s = time.monotonic() - began
    comment_id = UUID(answer.body["id"]) if answer.status == 202 else None
    headers = answer.headers
    kind = headers.get("content-type", "")
    return Post(began, took_s, answer.status, headers.get("retry-after", ""), kind, comment_id)


def post_for(scene: Scene, seconds: float, *, rate: float = 20.0, threads: int = 4) -> Posts:
    """Post for some seconds, `rate` comments a second together."""
    found = Posts()
    key = scene.demo["api_key"]  # asked for before the clock runs
    until = time.monotonic() + seconds

    def run() -> None:
        client = JsonClient(scene.stack.url, key)
        while time.monotonic() < until:
            began = time.monotonic()
            found.posts.append(post_one(client, scene.stack.url))
            time.sleep(max(0.0, threads / rate - (time.monotonic() - began)))
        client.close()

    running = [threading.Thread(target=run) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return found


_SCREENED_SQL = """
SELECT count(*) FILTER (WHERE runner = 'celery'), count(*) FILTER (WHERE runner = 'run_jobs'),
       COALESCE(max(extract(epoch FROM screening.created_at - comment.created_at)), 0)::float8
FROM screening JOIN comment ON comment.id = comment_id WHERE comment_id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Screened:
    """Who screened, and how long the slowest comment waited."""

    by_celery: int
    by_run_jobs: int
    longest_s: float


def wait_until_screened(scene: Scene, ids: Sequence[UUID], *, within_s: float) -> Screened:
    """Wait until all are screened. Raises `AssertionError`."""
    deadline = time.monotonic() + within_s
    while True:
        rows = scene.ask(_SCREENED_SQL, [list(ids)])
        if rows and rows[0][0] + rows[0][1] == len(ids):
            return Screened(*rows[0])
        assert time.monotonic() < deadline, f"not all of {len(ids)} are screened: {rows}"
        time.sleep(0.1)
