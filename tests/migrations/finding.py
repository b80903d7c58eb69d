"""Migrations by what they do; their numbers are told by the order of the history alone."""

from importlib import import_module
from pathlib import Path
from typing import Any

from moderation import migrations


def find_migration(name: str) -> Any:
    """The module of the one migration whose name after the number is `name`."""
    (path,) = Path(migrations.__path__[0]).glob(f"[0-9]*_{name}.py")
    return import_module(f"{migrations.__name__}.{path.stem}")
