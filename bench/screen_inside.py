"""Screens all that is due in this one process, as a worker would, and says what the engine cost of it.

Run by `bench/screen.py` with the environment of the service that it measures. It screens a first batch,
says so in a line, waits for a line, screens the rest, and prints JSON. It has no `main`, as it is no
measurement by itself.
"""

import gc
import json
import time
from collections.abc import Callable
from typing import Any

import django

django.setup()

from moderation.engine.run import warm_up
from moderation.flow import jobs
from moderation.flow.comments import screen
from moderation.flow.jobs.kinds import SCREEN
from moderation.queries import campaign_names, contexts, earlier_texts

# Where the flow calls the engine.
_ENGINE = (
    (contexts, "normalise"),
    (contexts, "fingerprint"),
    (earlier_texts, "ready_to_compare"),
    (earlier_texts, "likeness"),
    (contexts, "linked_domains"),
    (campaign_names, "contacts_of"),
    (campaign_names, "without_links"),
    (campaign_names, "fingerprint"),
    (screen, "_screen_one"),
)


def screen_everything() -> dict[str, float]:
    """Milliseconds of CPU per comment after the first batch: of this process, and within it of the engine."""
    engine = Watch()
    for module, name in _ENGINE:
        setattr(module, name, engine.timed(getattr(module, name)))
    warm_up()
    gc.collect()
    gc.freeze()  # as workers do, see config/celery.py
    first = jobs.claim(SCREEN)
    screen.screen_batch(first, jobs.CELERY_RUNNER)  # loads and connects, as once in a worker's life
    jobs.wake_worker(SCREEN)
    own_cost_s = Watch.own_cost_s()
    engine.seconds, engine.calls = 0.0, 0
    print("The first batch is done.", flush=True)
    input()
    count, began = 0, time.process_time()
    while screened := screen.screen_due(runner=jobs.CELERY_RUNNER):
        count += screened
    spent_s = time.process_time() - began - engine.calls * own_cost_s
    return {
        "comments": count,
        "python_ms": 1000 * spent_s / count,
        "engine_ms": 1000 * engine.seconds / count,
    }


class Watch:
    """Adds up the CPU time of functions."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.calls = 0

    @classmethod
    def own_cost_s(cls, calls: int = 20_000) -> float:
        """What a watch itself costs each call, beyond the time that it counts."""
        watch = cls()
        nothing = watch.timed(lambda: None)
        began = time.process_time()
        for _ in range(calls):
            nothing()
        return (time.process_time() - began - watch.seconds) / calls

    def timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function`, on the watch."""

        def call(*arguments: Any, **named: Any) -> Any:
            began = time.process_time()
            try:
                return function(*arguments, **named)
            finally:
                self.seconds += time.process_time() - began
                self.calls += 1

        return call


print(json.dumps(screen_everything()))
