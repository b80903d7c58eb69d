"""The vectors of `vectors.toml`, and which fields take each of them."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from moderation.domain.fields import FieldRefused, clean_body, clean_name, clean_website

_FILE = Path(__file__).with_name("vectors.toml")


@dataclass(frozen=True, slots=True)
class Vector:
    """One hostile text with the group that it belongs to."""

    group: str
    text: str

    @property
    def body(self) -> str | None:
        """The text as a comment stores it; None where a comment of it is refused."""
        return _clean(clean_body, self.text)

    @property
    def name(self) -> str | None:
        """The same as a name."""
        return _clean(clean_name, self.text)

    @property
    def website(self) -> str | None:
        """The same as a website."""
        return _clean(clean_website, self.text)


def load_vectors() -> list[Vector]:
    """All of them, each text once."""
    groups: dict[str, list[str]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return [Vector(group, text) for group, texts in groups.items() for text in texts]


def _clean(clean: Callable[[str], str], text: str) -> str | None:
    try:
        return clean(text)
    except FieldRefused:
        return None


VECTORS = load_vectors()
