"""A service of its own, full of vectors, and a browser to look at it."""

import json
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.stack import LiveStack, start_stack, stop_stack
from tests.xss.hostile import Hostile, fill
from tests.xss.watching import Watch


@pytest.fixture(scope="session")
def hostile_stack() -> Iterator[LiveStack]:
    """A service that nobody else looks at: other tests count comments and walk the queue."""
    worker = re.sub(r"\W", "", os.environ.get("PYTEST_XDIST_WORKER", ""))
    stack = start_stack(
        Path(os.environ["VAR_DIR"]) / f"xss{worker}", "--demo", environment={"TRUSTED_PROXIES": "1"}
    )
    yield stack
    stop_stack(stack)


@pytest.fixture(scope="session")
def hostile(hostile_stack: LiveStack) -> Hostile:
    """All vectors as published and as held comments."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each of a thousand requests
    made = Hostile(hostile_stack.url, json.loads((hostile_stack.var / "demo.json").read_text()))
    fill(made)
    return made


@pytest.fixture
def watch(browser: Browser, hostile: Hostile) -> Iterator[Watch]:
    """A reader's tab. Whatever it caught fails the test."""
    with browser.new_context() as context:
        watch = Watch(context, hostile.url)
        yield watch
        watch.settle()
        assert watch.visits
    assert watch.caught == []


@pytest.fixture
def desk(watch: Watch, hostile: Hostile) -> Watch:
    """The superuser's tab."""
    watch.visit("/admin/")
    watch.page.get_by_label("Username").fill(hostile.demo["admin"]["username"])
    watch.page.get_by_label("Password").fill(hostile.demo["admin"]["password"])
    watch.page.get_by_role("button", name="Log in").click()
    watch.page.wait_for_load_state()
    return watch
