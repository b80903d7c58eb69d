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
    """Each kind of job makes its task, and names its queue, where it is declared."""
    from moderation.flow.jobs.registry import all_kinds

    all_kinds()


@celeryd_init.connect
def wait_longer_in_workers(conf: Any, **_: object) -> None:
    """A publisher gives up on the broker after half a second; a consumer has time to wait."""
    conf.broker_transport_options = {
        **conf.broker_transport_options,
        "socket_timeout": _WORKER_SOCKET_TIMEOUT_S,
    }


@worker_init.connect
def give_way(sender: Any, **_: object) -> None:
    """A reader who waits for an answer comes before a verdict, and a verdict before what nobody waits for."""
    os.nice(min(queue.niceness for queue in _queues_of(sender)))


@worker_init.connect
def load_before_forking(sender: Any, **_: object) -> None:
    """Lists and models are loaded once, in the parent, and shared by every child that it forks.

    What is frozen is no longer looked through by the collector of a child, which would copy its pages.
    """
    if LOCAL in _queues_of(sender):
        from moderation.engine.run import warm_up

        warm_up()
        gc.collect()
        gc.freeze()


def _queues_of(worker: Any) -> list[Queue]:
    """The queues that a worker listens to; one that we do not know would be nobody's."""
    names = {queue.name for queue in worker.app.amqp.queues.consume_from.values()}
    return [queue for queue in QUEUES if queue.name in names] or [LOCAL]


@worker_process_init.connect
def bound_memory(**_: object) -> None:
    """A task that eats memory meets an error of its own before the machine kills its neighbours."""
    from moderation.lib.limits import limit_memory

    limit_memory()
