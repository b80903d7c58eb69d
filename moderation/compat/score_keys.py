"""Keys of the scoring server, which has no database: lines in a file or in the environment.

A line is `label:sha256`, the SHA-256 of the whole key in hexadecimal digits; the key itself is written down
nowhere here. Lines that begin with # say nothing.
"""

import hashlib
import re
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

# How long a revoked key may still be believed: as long as one in the database.
BELIEVED_S = 1.0
_LINE = re.compile(r"(?P<label>[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}):(?P<digest>[0-9a-f]{64})")
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}")


@dataclass(frozen=True, slots=True)
class ScoreKey:
    """A key as it is stored: who uses it, and the hash of its text."""

    label: str
    digest: str

    @property
    def line(self) -> str:
        """The line that stands for this key."""
        return f"{self.label}:{self.digest}"


@dataclass(frozen=True, slots=True)
class ReadKeys:
    """The keys of a text, and the numbers of the lines that hold none."""

    keys: Sequence[ScoreKey]
    bad_lines: Sequence[int]


def make_key(label: str) -> tuple[str, ScoreKey]:
    """A new key as its user sends it, and what is stored of it. Raises `ValueError` for an odd label."""
    if not _LABEL.fullmatch(label):
        raise ValueError("A label has up to 100 letters, digits, spaces, dots and hyphens.")
    text = f"cm_sk_{secrets.token_hex(8)}_{secrets.token_urlsafe(32)}"
    return text, ScoreKey(label, _digest(text))


def read_keys(text: str) -> ReadKeys:
    """The keys in `text`; lines may also be separated by commas, as in a variable of the environment."""
    keys, bad = [], []
    for number, line in enumerate(re.split(r"[\n,]", text), start=1):
        found = _LINE.fullmatch(line.strip())
        if found:
            keys.append(ScoreKey(found["label"], found["digest"]))
        elif line.strip() and not line.lstrip().startswith("#"):
            bad.append(number)
    return ReadKeys(keys, bad)


class ScoreKeyRing:
    """The keys of a file and of the environment. The file is read again once a second while keys are asked
    for; a file that cannot be read holds no key.
    """

    def __init__(self, path: Path | None, given: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._given = {key.digest: key for key in read_keys(given).keys}
        self._known: dict[str, ScoreKey] = {}
        self._read_at = float("-inf")
        self._lock = threading.Lock()

    def find(self, text: str) -> ScoreKey | None:
        """The key `text`, if it is one that was valid within the last second."""
        with self._lock:
            if self._clock() - self._read_at >= BELIEVED_S:
                self._known = self._given | self._read_file()
                self._read_at = self._clock()
            return self._known.get(_digest(text))

    def _read_file(self) -> dict[str, ScoreKey]:
        if self._path is None:
            return {}
        try:
            text = self._path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return {}
        return {key.digest: key for key in read_keys(text).keys}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
