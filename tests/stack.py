"""Fixtures that start the real thing: the whole service, and a browser to look at it."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from config.local import children
from config.local.servers import Servers
from tests import leftovers

BASE = Path(__file__).resolve().parent.parent
HOW_TO_GET_CHROMIUM = "Install one (Debian: `apt install chromium`) or name it in CHROMIUM."
_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# No updates, no calls home, and no sandbox: containers have no user namespaces.
CHROMIUM_ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
_STARTS_WITHIN_S = 240  # some 10 s, where nobody else works on the machine


def find_chromium() -> str | None:
    """The browser named in CHROMIUM, else one on PATH."""
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, _CHROMIUM_NAMES)), None)


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what did not run for want of a browser."""
    if find_chromium() is not None or hasattr(config, "workerinput"):
        return
    skipped = [r for r in terminalreporter.stats.get("skipped", []) if "no Chromium" in str(r.longrepr)]
    if skipped:
        terminalreporter.section("not tried: there is no Chromium", yellow=True)
        terminalreporter.line(f"{len(skipped)} browser tests did not run. {HOW_TO_GET_CHROMIUM}")


def open_for_all(folder: Path) -> None:
    """Let other users pass down to `folder`: pytest closes its temporary folders."""
    for each in (folder, *folder.parents):
        if each.stat().st_uid == os.geteuid() and not each.stat().st_mode & 0o001:
            each.chmod(0o755)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser. Without one the test is skipped, or fails where REQUIRE_BROWSER is set."""
    path = find_chromium()
    if path is None and os.environ.get("REQUIRE_BROWSER"):
        pytest.fail(f"REQUIRE_BROWSER is set and there is no Chromium. {HOW_TO_GET_CHROMIUM}")
    if path is None:
        pytest.skip(f"no Chromium. {HOW_TO_GET_CHROMIUM}")
    return path


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    """One headless Chromium for the whole run."""
    with sync_playwright() as playwright:
        # Playwright runs an event loop in this thread, in which Django refuses to touch the database.
        before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_ARGUMENTS)
        yield chromium
        chromium.close()
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def browser_page(browser: Browser) -> Iterator[Page]:
    """A fresh page without cookies."""
    with browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(10_000)
        yield page


@dataclass(frozen=True, slots=True)
class LiveStack:
    """The whole service under `serve`, in a `var/` of its own."""

    url: str
    var: Path
    process: subprocess.Popen[bytes]
    environment: Mapping[str, str]

    def manage(self, *arguments: str, within_s: float = 60) -> str:
        """What `manage.py arguments` prints beside the running service."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE,
            env=dict(self.environment),
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            timeout=within_s,
        ).stdout

    def pids(self, name: str) -> list[int]:
        """Process ids of the direct children of the supervisor whose command line has `name` in it."""

        found = []
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):  # it ended while we looked
                found += [child.pid] if name in " ".join(child.cmdline()) else []
        return found


def stack_environment(var: Path) -> dict[str, str]:
    """The environment of a service with its own `var/`: real settings, private servers."""
    dropped = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "PYTEST_XDIST_WORKER", "PUBLIC_URL"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return kept | {"VAR_DIR": str(var), "DJANGO_SETTINGS_MODULE": "config.settings.base"}


def start_stack(var: Path, *options: str, environment: Mapping[str, str] | None = None) -> LiveStack:
    """Start `manage.py serve` in `var` on a free port and wait until it says that all runs."""
    port = free_port()
    log = var.with_name(f"{var.name}-serve.log")
    log.unlink(missing_ok=True)  # a former start of the same folder has said that it runs
    full_environment = stack_environment(var) | dict(environment or {})
    process = children.spawn(
        [sys.executable, "-u", "manage.py", "serve", "--migrate", "--port", str(port), *options],
        log=log,
        env=full_environment,
        cwd=BASE,
    )
    deadline = monotonic() + _STARTS_WITHIN_S
    while "The service runs." not in log.read_text():
        if process.poll() is not None or monotonic() > deadline:
            children.stop(process, signal.SIGTERM, grace_s=20)
            raise AssertionError(f"serve did not start:\n{log.read_text()}")
        sleep(0.1)
    return LiveStack(f"http://127.0.0.1:{port}", var, process, full_environment)


def stop_stack(stack: LiveStack) -> None:
    """End it and remove what it wrote."""
    children.stop(stack.process, signal.SIGTERM, grace_s=30)
    leftovers.remove_run(stack.var, Servers.of(stack.var))


@pytest.fixture(scope="session")
def live_stack() -> Iterator[LiveStack]:
    """The whole service with its demo, once for the run (once for each of pytest-xdist's workers)."""
    worker = re.sub(r"\W", "", os.environ.get("PYTEST_XDIST_WORKER", ""))
    stack = start_stack(Path(os.environ["VAR_DIR"]) / f"stack{worker}", "--demo")
    yield stack
    stop_stack(stack)


def fetch(url: str, *, timeout_s: float = 10) -> bytes:
    """The body of a page that has to answer 2xx."""
    with urllib.request.urlopen(url, timeout=timeout_s) as answer:
        body: bytes = answer.read()
        return body
