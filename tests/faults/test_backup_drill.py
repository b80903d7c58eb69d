"""The drill: a backup of a busy service, an empty machine, and everything goes on from there."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
import psutil
import psycopg
import pytest

from config.local.postgres import DATABASE, ROLE
from config.local.servers import Servers, borrowed_servers, database_socket_folder
from tests import leftovers
from tests.stack import BASE, LiveStack, stack_environment, start_stack, stop_stack

pytestmark = pytest.mark.faults

SCREENED_WITHIN_S = 90


@dataclass
class Readers:
    """They post, one after the other, and note each comment's id with the moment of its 202."""

    stack: LiveStack
    accepted: list[tuple[str, float]] = field(default_factory=list)
    _is_over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def posting(self) -> Iterator[None]:
        made = json.loads(self.stack.manage("demo", "--json"))
        thread = threading.Thread(target=self._post, args=(made,))
        thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            thread.join(30)

    def wait_for(self, count: int) -> None:
        deadline = monotonic() + 60
        while len(self.accepted) < count:
            assert monotonic() < deadline, f"only {len(self.accepted)} of {count} posts were accepted"
            sleep(0.05)

    def accepted_before(self, moment: float) -> set[str]:
        return {comment_id for comment_id, answered_at in self.accepted if answered_at < moment}

    def _post(self, made: dict[str, Any]) -> None:
        headers = {"Authorization": f"Bearer {made['api_key']}"}
        with httpx.Client(base_url=self.stack.url, headers=headers, timeout=20) as client:
            for number in range(2_000):
                if self._is_over.wait(0.01):
                    return
                answer = client.post("/api/v1/comments", json=_comment(number, self.stack.url))
                if answer.status_code == 202:
                    self.accepted.append((answer.json()["id"], monotonic()))


def _comment(number: int, url: str) -> dict[str, Any]:
    return {
        "thread": {"key": "backup-drill", "url": f"{url}/backup-drill", "title": "A drill"},
        "name": f"Reader {number}",
        "email": f"reader-{number}@drill.example",
        "body": f"Remark {number}: the plans for bridge {number * 7} are worth reading in full.",
        "author_ip": f"198.18.{number // 200}.{number % 200 + 1}",
    }


@contextmanager
def halted_workers(stack: LiveStack) -> Iterator[None]:
    """Nobody screens meanwhile: what is posted waits."""
    roots = [psutil.Process(pid) for name in ("celery", "run_jobs") for pid in stack.pids(name)]
    processes = [each for root in roots for each in (root, *root.children(recursive=True))]
    assert len(processes) >= 2
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.resume()


@dataclass(frozen=True)
class Facts:
    """What a database holds."""

    ids: set[str]
    waiting: set[str]
    screened: set[str]


def read_facts(var: Path) -> Facts:
    with psycopg.connect(host=str(database_socket_folder(var)), dbname=DATABASE, user=ROLE) as connection:
        rows = connection.execute("SELECT id::text, status FROM comment").fetchall()
        screened = connection.execute("SELECT comment_id::text FROM screening").fetchall()
    waiting = {comment_id for comment_id, status in rows if status == "screening"}
    return Facts({comment_id for comment_id, _ in rows}, waiting, {comment_id for (comment_id,) in screened})


@pytest.fixture
def new_var() -> Iterator[Path]:
    var = Path(os.environ["VAR_DIR"]) / "drill-new"
    var.mkdir(mode=0o711)
    yield var
    leftovers.remove_run(var, Servers.of(var))


def manage(var: Path, *arguments: str) -> str:
    """What `manage.py arguments` prints on a machine where nothing runs."""
    command = [sys.executable, "manage.py", *arguments]
    result = subprocess.run(  # its words are the message
        command,
        cwd=BASE,
        env=stack_environment(var),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def wait_until_screened(var: Path) -> Facts:
    deadline = monotonic() + SCREENED_WITHIN_S
    while (facts := read_facts(var)).waiting:
        assert monotonic() < deadline, f"{len(facts.waiting)} comments still wait"
        sleep(0.3)
    return facts


def wait_until_sealed(stack: LiveStack, anchor: str) -> dict[str, Any]:
    deadline = monotonic() + 60
    while True:
        report: dict[str, Any] = json.loads(stack.manage("verify_audit", "--json", "--anchor", anchor))
        if not report["unsealed"]:
            return report
        assert monotonic() < deadline, f"{report['unsealed']} events are not sealed"


def test_a_backup_of_a_busy_service_comes_to_life_on_an_empty_machine(
    live_stack: LiveStack, new_var: Path, tmp_path: Path
) -> None:
    backup = tmp_path / "drill.backup"
    readers = Readers(live_stack)
    with readers.posting():
        readers.wait_for(60)
        sleep(6)  # the sealer has come round
        with halted_workers(live_stack):
            readers.wait_for(len(readers.accepted) + 25)
            begun_at = monotonic()
            said = live_stack.manage("backup", str(backup))
        readers.wait_for(len(readers.accepted) + 5)
    before = readers.accepted_before(begun_at)
    anchor = re.search(r"ends with seal \d+: ([0-9a-f]{64})", said)
    assert anchor is not None, said

    shutil.copy(live_stack.var / "secrets.json", new_var / "secrets.json")  # the keys, as the guide says
    started_at = monotonic()
    restored = manage(new_var, "restore", str(backup))
    took_s = monotonic() - started_at
    with borrowed_servers(new_var, has_broker=False):
        facts = read_facts(new_var)
    assert before <= facts.ids, "everything that was accepted before the backup began is in it"
    assert len(facts.waiting) >= 20
    assert "addresses open" in restored

    new_machine = start_stack(new_var)
    try:
        settled = wait_until_screened(new_var)
        assert settled.ids == facts.ids
        assert facts.waiting <= settled.screened
        report = wait_until_sealed(new_machine, anchor[1])
        assert report["is_sound"]
        assert report["events"] > len(facts.ids)
    finally:
        stop_stack(new_machine)
    print(f"\n{said}{restored}restored in {took_s:.1f} s; {len(before)} known, {len(facts.waiting)} waiting")
