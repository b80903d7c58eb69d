"""The queues of the workers, and what there is to say of a kind of background work."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Queue:
    """A Celery queue with workers of its own. A worker ends a task after `time_limit_s` and runs at
    `niceness`. `run_jobs` does due work itself when no worker has given a heartbeat for `patience_s`.
    """

    name: str
    time_limit_s: float
    niceness: int = 5  # enough for the web process to go first, and far from starving
    patience_s: float = 2.5  # far longer than a worker takes over one comment on a busy machine


# What people wait for.
LOCAL = Queue("local", time_limit_s=15)
# What waits for servers outside.
REMOTE = Queue("remote", time_limit_s=60)
# What nobody waits for, and what may go on for hours. It gives way to all others, so it takes longer; its
# kinds share one worker, so each may wait for a piece of each of the others.
BACKGROUND = Queue("background", time_limit_s=30, niceness=10, patience_s=20.0)
QUEUES = (LOCAL, REMOTE, BACKGROUND)

# Who runs a job: a Celery worker, or a child of `run_jobs`.
CELERY_RUNNER = "celery"
SWEEP_RUNNER = "run_jobs"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of work. `lease_s` is how long a claim holds, `batch` how many are claimed at once,
    `queue` whose workers run it. A run that failed is followed by another after `backoff_s` times
    2 ** attempts; after `max_attempts` runs that did not finish, a person has to look. Periodic work
    is due again after `repeats_in_s` at most. Of a kind that `is_standing` there is always one job,
    for all sites; `run_jobs` makes it where it is missing.
    """

    name: str
    queue: Queue
    lease_s: float
    batch: int
    max_attempts: int = 4
    backoff_s: float = 0.5
    repeats_in_s: float = 0.0
    is_standing: bool = False

    @property
    def furthest_s(self) -> float:
        """No job of this kind is ever due later than this from now."""
        return 60.0 + max(self.repeats_in_s, self.backoff_s * float(2**self.max_attempts))

    @property
    def task_name(self) -> str:
        """The name under which the Celery task of this kind is registered."""
        return f"moderation.{self.name}"

    @property
    def time_limit_s(self) -> float:
        """A run that takes longer is ended."""
        return self.queue.time_limit_s

    def is_exhausted(self, attempts: int) -> bool:
        """True when a job was tried so often that it must not run again."""
        return attempts > self.max_attempts


# The subject of a standing job.
ALL_SITES = UUID("5ea1ed00-0000-7000-8000-000000000000")

# Each kind stands in the file of its step. This one is asked for by steps that come after its own.
SCREEN = Kind("screen", LOCAL, lease_s=10, batch=100)
