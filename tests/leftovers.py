"""Removes the servers' folders of test runs that ended or were killed."""

import re
import shutil
from pathlib import Path

import psutil

from config.local.servers import Servers, socket_folder

_RUN = re.compile(r"test-(\d+)$")


def remove_dead_runs(var: Path) -> None:
    """Remove each `var/test-<pid>` whose process is gone, and what still runs in it."""
    for folder in var.glob("test-*"):
        match = _RUN.search(folder.name)
        if match and not psutil.pid_exists(int(match[1])):
            remove_run(folder, Servers.of(folder, is_fast=True))


def remove_run(folder: Path, servers: Servers) -> None:
    """Stop the servers of one run and remove all that it wrote.

    Raises `ValueError` for a folder that one works in: an empty `VAR_DIR` means the clone itself.
    """
    if Path.cwd().is_relative_to(folder.resolve()):
        raise ValueError(f"{folder} is where we are, not the folder of a run")
    servers.stop()
    shutil.rmtree(socket_folder(folder), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
