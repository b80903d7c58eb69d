"""Secrets of a development machine: created once and kept in `var/secrets.json`. Production sets its own."""

import base64
import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TypedDict

from config.settings.env import KEY_BYTES


class Secrets(TypedDict):
    """The secrets that production must set in the environment."""

    SECRET_KEY: str
    EMAIL_KEYS: list[str]
    EMAIL_INDEX_KEY: str


def development_secrets(var: Path) -> Secrets:
    """The secrets of this `var/`, created if missing; two processes at once get the same ones."""
    path = var / "secrets.json"
    if not path.exists():
        var.mkdir(mode=0o711, parents=True, exist_ok=True)
        unfinished = var / f"secrets.{os.getpid()}.json"
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(_new_secrets(), file, indent=2)
        with suppress(FileExistsError):
            os.link(unfinished, path)  # the second process keeps the secrets of the first
        unfinished.unlink()
    made: Secrets = json.loads(path.read_text())
    return made


def _new_secrets() -> Secrets:
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "EMAIL_KEYS": [f"dev1:{_new_key()}"],
        "EMAIL_INDEX_KEY": _new_key(),
    }


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
