"""Fixtures: the whole service with its failpoints armed, with Celery workers and with `run_jobs` alone."""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.faults.service import ArmedService
from tests.stack import BASE, open_for_all, start_stack, stop_stack

FORMER_KEY = "former:" + base64.b64encode(b"1" * 32).decode()
NEWEST_KEY = "newest:" + base64.b64encode(b"2" * 32).decode()
NO_BROKER = {"REDIS_URL": "unix:///nowhere/broker.sock"}
# How often each place is tried; a release wants 20.
KILLS = int(os.environ.get("KILLS_PER_POINT", "3"))


def start_armed(
    name: str, environment: Mapping[str, str] | None = None, *, folder: Path | None = None
) -> ArmedService:
    """Start a service of its own with a site in it, below `folder` or this run's own."""
    worker = re.sub(r"\W", "", os.environ.get("PYTEST_XDIST_WORKER", ""))
    var = (folder or Path(os.environ["VAR_DIR"])) / f"{name}{worker}"
    orders = var.with_name(f"{var.name}-orders")
    orders.mkdir(parents=True, exist_ok=True)
    open_for_all(orders)
    keys = {"FAILPOINTS": str(orders), "EMAIL_KEYS": f"{FORMER_KEY},{NEWEST_KEY}"}
    stack = start_stack(var, "--web-processes", "2", environment=keys | dict(environment or {}))
    result = subprocess.run(
        [sys.executable, "-m", "tests.faults.ground"],
        cwd=BASE,
        env=dict(stack.environment),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    return ArmedService(stack, orders, json.loads(result.stdout.splitlines()[-1]))


@pytest.fixture(scope="session")
def armed_service() -> Iterator[ArmedService]:
    """With two local workers, one remote, one of the background, and `run_jobs`."""
    service = start_armed("armed")
    yield service
    stop_stack(service.stack)


@pytest.fixture(scope="session")
def armed_sweeper() -> Iterator[ArmedService]:
    """With a broker that is not there: `run_jobs` does all the work."""
    service = start_armed("sweeper", NO_BROKER)
    yield service
    stop_stack(service.stack)


@pytest.fixture
def service(armed_service: ArmedService) -> Iterator[ArmedService]:
    """The service with Celery workers; no order outlives its test."""
    yield armed_service
    _withdraw_all(armed_service)


@pytest.fixture
def sweeper(armed_sweeper: ArmedService) -> Iterator[ArmedService]:
    """The service without a broker; no order outlives its test."""
    yield armed_sweeper
    _withdraw_all(armed_sweeper)


def _withdraw_all(service: ArmedService) -> None:
    for order in service.orders.iterdir():
        order.unlink(missing_ok=True)
