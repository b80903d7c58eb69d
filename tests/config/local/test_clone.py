"""The README's first command in a clone that only its owner may enter: the real programs, nothing faked."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.local import service_user
from tests.config.local.clone import ORDINARY_UID, Clone, Service, become_ordinary, make_clone, start_service
from tests.stack import fetch, free_port

AS_ROOT = os.geteuid() == 0
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not AS_ROOT, reason="only root can become others"),
]


@pytest.fixture(scope="module")
def clone() -> Iterator[Clone]:
    """One for all tests here: it holds 60 MB. Not below pytest's own folder, which each run closes."""
    with tempfile.TemporaryDirectory(prefix="moderation-") as folder:
        Path(folder).chmod(0o755)
        yield make_clone(Path(folder) / "clone")


def check_service(service: Service, *, database_uid: int) -> None:
    ready = json.loads(fetch(f"{service.url}/readyz"))
    assert ready == {"database": "ok", "broker": "ok"}
    assert b"<form" in fetch(f"{service.url}/articles/the-ferry-that-waits/")
    assert service.database_uid() == database_uid


def test_root_runs_the_service_in_a_closed_folder(clone: Clone):
    clone.give_to(0)
    service = start_service(clone, prefix=[])
    try:
        check_service(service, database_uid=service_user.SERVER_UID)
    finally:
        assert service.stop() == 0


def test_an_ordinary_user_runs_the_service_in_a_closed_folder(clone: Clone):
    clone.give_to(ORDINARY_UID)
    service = start_service(clone, become_ordinary())
    try:
        check_service(service, database_uid=ORDINARY_UID)
    finally:
        assert service.stop() == 0


@pytest.mark.parametrize("capability", ["dac_read_search", "setpcap"])
def test_root_without_the_capability_is_told_what_to_do(clone: Clone, capability: str):
    clone.give_to(0)
    result = subprocess.run(
        clone.command(
            str(shutil.which("setpriv")), "--bounding-set", f"-{capability}", "--", port=free_port()
        ),
        cwd=clone.folder,
        env=clone.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 1
    assert f"above {clone.folder} is closed to other users. Set DATABASE_URL (and REDIS_URL)" in result.stderr
    assert "Traceback" not in result.stderr
