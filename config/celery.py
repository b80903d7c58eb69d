"""The Celery application: the bell of a queue that lives in the database."""

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, worker_init, worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")

app = Celery("moderation")
app.config_from_object("django.conf:settings", namespace="CELERY")
for step in (
    "comments.screen",
    "comments.ask",
    "notify",
    "keeping.purge",
    "keeping.seal",
    "site.backtest",
    "learning.learn",
):
    app.autodiscover_tasks(["moderation.flow"], related_name=step)

_WORKER_SOCKET_TIMEOUT_S = 15
# Enough for the web process to go first, and far from starving.
NICENESS = 5


@celeryd_init.connect
def wait_longer_in_workers(conf: Any, **_: object) -> None:
    """A publisher gives up on the broker after half a second; a consumer has time to wait."""
    conf.broker_transport_options = {
        **conf.broker_transport_options,
        "socket_timeout": _WORKER_SOCKET_TIMEOUT_S,
    }


@worker_init.connect
def give_way(**_: object) -> None:
    """A reader who waits for an answer comes before a verdict that nobody waits for."""
    os.nice(NICENESS)


@worker_init.connect
def load_before_forking(sender: Any, **_: object) -> None:
    """Lists and models are loaded once, in the parent, and shared by every child that it forks.

    What is frozen is no longer looked through by the collector of a child, which would copy its pages.
    """
    if "local" in {queue.name for queue in sender.app.amqp.queues.consume_from.values()}:
        from moderation.engine.run import warm_up

        warm_up()
        gc.collect()
        gc.freeze()


@worker_process_init.connect
def bound_memory(**_: object) -> None:
    """A task that eats memory meets an error of its own before the machine kills its neighbours."""
    from moderation.lib.limits import limit_memory

    limit_memory()
