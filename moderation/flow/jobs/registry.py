"""The registry of the kinds of work, and of the functions that run their due jobs."""

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from functools import cache
from typing import Protocol

from celery import shared_task

from moderation import flow
from moderation.flow.jobs.claims import Lease
from moderation.flow.jobs.kinds import CELERY_RUNNER, Kind
from moderation.flow.jobs.runs import drain


class RunDue(Protocol):
    """Runs the due jobs of one kind; returns how many leases were run."""

    def __call__(self, *, runner: str) -> int:
        """`runner` says who does it: a Celery worker, or `run_jobs`."""


_RUN_DUE: dict[Kind, RunDue] = {}


def register(kind: Kind, run: Callable[[list[Lease], str], None]) -> RunDue:
    """Declare that `run(leases, runner)` does the work of `kind`; return the function that runs due jobs.

    A new kind needs nothing else: the Celery task, its queue and the sweep follow from it. `run` writes its
    results and ends the jobs itself. Raises ValueError for a name that is taken.
    """
    if kind.name in {known.name for known in _RUN_DUE}:
        raise ValueError(f"There is a kind of work called {kind.name!r} already.")

    def run_due(*, runner: str) -> int:
        return drain(kind, run, runner=runner)

    def run_due_task() -> None:
        run_due(runner=CELERY_RUNNER)

    shared_task(name=kind.task_name)(run_due_task)
    _RUN_DUE[kind] = run_due
    return run_due


def all_kinds() -> Sequence[Kind]:
    """Every kind that is declared in the flow. Imports all its modules."""
    _load_steps()
    return tuple(_RUN_DUE)


@cache
def _load_steps() -> None:
    for module in pkgutil.walk_packages(flow.__path__, f"{flow.__name__}."):
        importlib.import_module(module.name)


def run_due_of(kind: Kind) -> RunDue:
    """The function that runs the due jobs of `kind`."""
    return _RUN_DUE[kind]
