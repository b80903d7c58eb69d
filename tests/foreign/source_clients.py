"""Fetches the clients in Python that have no wheel, and puts them on the import path without building them.

`run.py` installs wheels alone, so that no installation runs code of a package.
"""

import fcntl
import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

DECLARED = Path(__file__).with_name("requirements-source.txt")
_FETCHED_WITHIN_S = 300
_SAFE: dict[str, Any] = (
    {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
)  # Python 3.11.4 and newer


class NotFetched(Exception):
    """pip could not fetch the clients; the text says why."""


def unpack_clients() -> Path:
    """The folder with the sources of all clients that `requirements-source.txt` names.

    The first call for this file needs the Python package registry. Raises `NotFetched` where that cannot be
    reached.
    """
    digest = hashlib.sha256(DECLARED.read_bytes()).hexdigest()[:16]
    folder = Path(sys.prefix) / "foreign-clients" / f"python-{digest}"
    folder.parent.mkdir(exist_ok=True)
    with (folder.parent / "lock-python").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # pytest-xdist's workers come here together
        if not folder.exists():
            _unpack_into(folder)
    return folder


def _unpack_into(folder: Path) -> None:
    """Unpack beside `folder` and move there what is complete."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        archives, begun = Path(name) / "archives", Path(name) / "sources"
        _fetch_into(archives)
        for archive in archives.glob("*.tar.gz"):
            with tarfile.open(archive) as source:
                source.extractall(begun, **_SAFE)
        begun.rename(folder)


def _fetch_into(folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--no-input", "--disable-pip-version-check"]
    command += [
        "--no-deps",
        "--no-binary",
        ":all:",
        "--require-hashes",
        "-r",
        str(DECLARED),
        "-d",
        str(folder),
    ]
    try:
        ran = subprocess.run(command, check=False, capture_output=True, text=True, timeout=_FETCHED_WITHIN_S)
    except subprocess.TimeoutExpired as error:
        raise NotFetched(_why(f"no answer within {_FETCHED_WITHIN_S} s")) from error
    if ran.returncode != 0:
        raise NotFetched(_why(ran.stderr))


def _why(told: str) -> str:
    return f"The clients without a wheel could not be fetched by pip. It said: {told.strip()}"
