"""Reads the environment strictly: a typo is an error that names the variable, never a silent default."""

import base64
import binascii
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from moderation.lib.origins import parse_origin

_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off"})
KEY_BYTES = 32


class Environment:
    """Typed access to environment variables. `names` keeps each name that was asked for.

    All methods raise ImproperlyConfigured with the variable's name, never with a secret's value. An empty
    value counts as missing, as compose files pass unset variables on that way.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.names: set[str] = set()

    def text(self, name: str, default: str = "") -> str:
        """The value without surrounding spaces."""
        self.names.add(name)
        return self._values.get(name, "").strip() or default

    def flag(self, name: str, *, default: bool) -> bool:
        """yes, true, on, 1 or no, false, off, 0, in any case."""
        value = self.text(name).lower()
        if not value:
            return default
        if value not in _YES | _NO:
            raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}.")
        return value in _YES

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        """A whole number from `least` to `most`."""
        value = self.text(name)
        if not value:
            return default
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise ImproperlyConfigured(
                f"{name} must be a whole number from {least} to {most}, not {value!r}."
            )
        return int(value)

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """One of `choices`; the first is the default."""
        value = self.text(name, choices[0])
        if value not in choices:
            raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
        return value

    def words(self, name: str) -> list[str]:
        """Values separated by commas."""
        return [word.strip() for word in self.text(name).split(",") if word.strip()]

    def url(self, name: str, schemes: tuple[str, ...], default: str = "") -> str:
        """An address with one of `schemes`. Errors do not repeat the value: it may hold a password."""
        value = self.text(name, default)
        if value and urlsplit(value).scheme not in schemes:
            raise ImproperlyConfigured(f"{name} must start with {' or '.join(f'{s}://' for s in schemes)}.")
        return value

    def origins(self, name: str, default: str) -> frozenset[str]:
        """Servers separated by commas, each `host`, `host:port` or with `https://` or `http://` in front;
        `none` for no server.
        """
        found = []
        value = self.text(name, default)
        for word in [] if value == "none" else value.split(","):
            try:
                found += [parse_origin(word.strip())] if word.strip() else []
            except ValueError:
                raise ImproperlyConfigured(
                    f"{name} must hold hosts like api.example.org or http://127.0.0.1:8080, without a path."
                ) from None
        return frozenset(found)

    def folder(self, name: str, default: Path) -> Path:
        """A folder as an absolute path."""
        return Path(self.text(name, str(default))).absolute()

    def keys(self, name: str) -> list[str]:
        """`keyid:base64 of 32 bytes`, separated by commas, the newest first."""
        keys = self.words(name)
        for key in keys:
            key_id, _, encoded = key.partition(":")
            if not key_id.isalnum() or not is_key(encoded):
                raise ImproperlyConfigured(
                    f"{name} must hold keyid:base64-of-{KEY_BYTES}-bytes, comma between keys."
                )
        if len({key.partition(":")[0] for key in keys}) != len(keys):
            raise ImproperlyConfigured(f"{name} names a key id twice.")
        return keys

    def key(self, name: str) -> str:
        """Base64 of 32 bytes."""
        encoded = self.text(name)
        if encoded and not is_key(encoded):
            raise ImproperlyConfigured(f"{name} must be base64 of {KEY_BYTES} bytes.")
        return encoded

    def plain_keys(self, name: str) -> list[str]:
        """Keys of 32 bytes in Base64, separated by commas."""
        keys = self.words(name)
        if not all(is_key(key) for key in keys):
            raise ImproperlyConfigured(f"{name} must hold base64 of {KEY_BYTES} bytes, comma between keys.")
        return keys


def is_key(encoded: str) -> bool:
    """Whether it is base64 of exactly 32 bytes."""
    try:
        return len(base64.b64decode(encoded, validate=True)) == KEY_BYTES
    except (binascii.Error, ValueError):
        return False


def inherited(*names: str) -> dict[str, str]:
    """The environment for a program that we start: these variables of our own, or all if none is named."""
    return {name: os.environ[name] for name in names or os.environ if name in os.environ}


def read_environment(dotenv: Path) -> dict[str, str]:
    """The process's environment over the `NAME=value` lines of `dotenv`, which may be missing."""
    values = {}
    lines = dotenv.read_text().splitlines() if dotenv.is_file() else []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals:
            raise ImproperlyConfigured(f"{dotenv}, line {number}: NAME=value expected.")
        values[name.strip()] = _unquoted(value.strip())
    return {**values, **os.environ}


def _unquoted(value: str) -> str:
    """Without the quotes around it, which docker compose leaves out of the same file, too."""
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if is_quoted else value
