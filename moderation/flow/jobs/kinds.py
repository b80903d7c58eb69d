"""The queues of the workers, and the settings of a kind of background work."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Queue:
    """A Celery queue with workers of its own. A worker ends a task after `time_limit_s` and runs at
    `niceness`. `run_jobs` does due work itself when no worker has given a heartbeat for `patience_s`.
    """

    name: str
    time_limit_s: float
    niceness: int = 5  # so that the web process comes first without starving the workers
    patience_s: float = 2.5  # far longer than a worker takes over one comment on a busy machine


# Work that people wait for.
LOCAL = Queue("local", time_limit_s=15)
# Work that waits for outside servers.
REMOTE = Queue("remote", time_limit_s=60)
# Work that nobody waits for and that may last for hours. It gives way to all other work, so it takes longer.
# Its kinds share one worker, so each may wait for a piece of each of the others.
BACKGROUND = Queue("background", time_limit_s=30, niceness=10, patience_s=20.0)
QUEUES = (LOCAL, REMOTE, BACKGROUND)

# Who runs a job: a Celery worker, a child of `run_jobs`, or a request that has to know the result.
CELERY_RUNNER = "celery"
SWEEP_RUNNER = "run_jobs"
WEB_RUNNER = "web"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of work. `lease_s` is how long a claim holds, `batch` how many jobs are claimed at once, `queue`
    whose workers run it. A worker whose batch was full claims up to `backlog_batch`, if that is more. A
    failed run is repeated after `backoff_s` times 2 ** attempts; after `max_attempts` runs that did not
    finish, a person has to look. Periodic work is due again after `repeats_in_s` at most. A kind that
    `is_standing` always has one job, for all sites; `run_jobs` creates it if it is missing.
    """

    name: str
    queue: Queue
    lease_s: float
    batch: int
    backlog_batch: int = 0
    max_attempts: int = 4
    backoff_s: float = 0.5
    repeats_in_s: float = 0.0
    is_standing: bool = False

    @property
    def furthest_s(self) -> float:
        """The longest time from now after which a job of this kind may be due."""
        return 60.0 + max(self.repeats_in_s, self.backoff_s * float(2**self.max_attempts))

    @property
    def task_name(self) -> str:
        """The name under which the Celery task of this kind is registered."""
        return f"moderation.{self.name}"

    @property
    def time_limit_s(self) -> float:
        """A run is ended after this time."""
        return self.queue.time_limit_s

    def is_exhausted(self, attempts: int) -> bool:
        """Whether a job has used up its attempts and must not run again."""
        return attempts > self.max_attempts


# The subject of a standing job.
ALL_SITES = UUID("5ea1ed00-0000-7000-8000-000000000000")

# Each kind is declared in the file of its step, except this one: later steps ask for it.
# A large batch takes less from the database for each comment. Comments in a backlog wait anyway, those in a
# short queue should not wait for many others.
SCREEN = Kind("screen", LOCAL, lease_s=10, batch=100, backlog_batch=200)
