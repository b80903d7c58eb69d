"""The Celery application: it wakes the workers of a queue that is a table of the database."""

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, import_modules, worker_init, worker_process_init

from moderation.flow.jobs.kinds import LOCAL, QUEUES, Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")

app = Celery("moderation")
app.config_from_object("django.conf:settings", namespace="CELERY")

_WORKER_SOCKET_TIMEOUT_S = 15


@import_modules.connect
def declare_jobs(**_: object) -> None:
    """Import all kinds of jobs: each declares its task and its queue."""
    from moderation.flow.jobs.registry import all_kinds

    all_kinds()


@celeryd_init.connect
def wait_longer_in_workers(conf: Any, **_: object) -> None:
    """Let workers wait longer for the broker than publishers, which give up after half a second."""
    conf.broker_transport_options = {
        **conf.broker_transport_options,
        "socket_timeout": _WORKER_SOCKET_TIMEOUT_S,
    }


@worker_init.connect
def give_way(sender: Any, **_: object) -> None:
    """Run workers at a lower priority: readers' requests come first, then verdicts, then background work."""
    os.nice(min(queue.niceness for queue in _queues_of(sender)))


@worker_init.connect
def load_before_forking(sender: Any, **_: object) -> None:
    """Load lists and models once, in the parent, so that all forked children share their memory.

    Frozen objects are not visited by the garbage collector of a child, which would copy their pages.
    """
    if LOCAL in _queues_of(sender):
        from moderation.engine.run import warm_up

        warm_up()
        gc.collect()
        gc.freeze()


def _queues_of(worker: Any) -> list[Queue]:
    """The queues that a worker listens to; `LOCAL` if none of them is known."""
    names = {queue.name for queue in worker.app.amqp.queues.consume_from.values()}
    return [queue for queue in QUEUES if queue.name in names] or [LOCAL]


@worker_process_init.connect
def bound_memory(**_: object) -> None:
    """Limit a task's memory, so that it gets an error before the system kills other processes."""
    from moderation.lib.limits import limit_memory

    limit_memory()
