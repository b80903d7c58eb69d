"""A full disk: 503 and nothing half, reads go on, and once there is space again nothing was lost."""

import errno
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tests.faults.armed import NO_BROKER, start_armed
from tests.faults.effects import check_screened_once
from tests.faults.refusals import check_answers, long_text, post_until_accepted, read_page, stored
from tests.stack import open_for_all, stop_stack

pytestmark = pytest.mark.faults

VOLUME_BYTES = 256 * 1024 * 1024
POSTS = 24


@pytest.fixture
def small_volume() -> Iterator[Path]:
    """A file system of its own, which can be filled up without harm to others."""
    folder = Path(os.environ["VAR_DIR"]) / "volume"
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={VOLUME_BYTES},mode=755", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        folder.rmdir()
        pytest.skip("a full disk needs a small file system: only root may mount one, and not everywhere")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        shutil.rmtree(folder)


def test_a_full_disk_refuses_and_forgets_nothing(small_volume: Path) -> None:
    open_for_all(small_volume)
    service = start_armed("full", NO_BROKER, folder=small_volume)
    try:
        accepted = [service.submit().comment_id for _ in range(3)]
        service.wait_until_screened(accepted)
        keys = [uuid4().hex for _ in range(POSTS)]
        with filled(small_volume):
            answers = {key: service.post(long_text(key), key) for key in keys}
            check_answers(answers.values())
            refused = [key for key in keys if answers[key].status_code == 503]
            assert refused, "the disk was not full: this shows nothing"
            assert stored(service, refused) == []
            assert read_page(service).status_code == 200
            assert service.list_comments().status_code == 200
        accepted += [UUID(answers[key].json()["id"]) for key in keys if key not in refused]
        accepted += [UUID(post_until_accepted(service, key).json()["id"]) for key in refused]
        assert len(stored(service, keys)) == POSTS
        service.wait_until_screened(accepted, within_s=90)
        check_screened_once(service, accepted)
    finally:
        stop_stack(service.stack)


@contextmanager
def filled(volume: Path) -> Iterator[None]:
    """Leave not one block free, and take what becomes free meanwhile: a checkpoint may remove old WAL."""
    ballast = volume / "ballast"
    block = bytes(1024 * 1024)
    is_over = threading.Event()
    with ballast.open("wb", buffering=0) as file:

        def keep_full() -> None:
            while not is_over.wait(0.02):
                _write_until_full(file, block[:4096])

        for size in (len(block), 4096):
            _write_until_full(file, block[:size])
        filler = threading.Thread(target=keep_full)
        filler.start()
        try:
            yield
        finally:
            is_over.set()
            filler.join()
            ballast.unlink()


def _write_until_full(file: FileIO, block: bytes) -> None:
    try:
        while True:
            file.write(block)
    except OSError as error:
        assert error.errno == errno.ENOSPC  # noqa: PT017 - until then every write succeeds
