"""Patterns that people write. RE2 compiles them: matching takes linear time, and their size is bounded."""

import re
from collections.abc import Iterator

import re2  # type: ignore[import-untyped]

# Bytes that RE2 may use for a compiled pattern and its automaton.
MAX_MEMORY = 1 << 20
# The most instructions of a compiled pattern. With 1,000, the slowest text of 10,000 characters takes about
# 40 ms, and an ordinary one microseconds.
MAX_PROGRAM = 1_000
_BRACKETS = re.compile(r"\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]?|[()]", re.DOTALL)
# Our messages for those of RE2; `piece` is the part of the pattern that RE2 names after a colon.
_MESSAGES = {
    "missing )": "A bracket “(” is never closed",
    "unexpected )": "A bracket “)” closes nothing",
    "missing ]": "A bracket “[” is never closed",
    "no argument for repetition operator": "“{piece}” repeats nothing",
    "missing argument to repetition operator": "“{piece}” repeats nothing",
    "bad repetition operator": "“{piece}”: one sign of repetition is enough",
    "invalid repetition size": "“{piece}” repeats too often (1000 times at most, nested ones together)",
    "invalid character class range": "“{piece}” is no class of characters",
    "invalid character class": "“{piece}” is no class of characters",
    "invalid escape sequence": "“{piece}” means nothing here; there are no back-references",
    "invalid perl operator": "“{piece}” is not possible here: no look-ahead, look-behind or conditions",
    "invalid named capture group": "“{piece}” is no name for a group",
    "trailing \\": "The pattern ends with a lone “\\”",
}
_TOO_LARGE = "The pattern is too large: repeat less, or write it in several lines"


class BadPattern(ValueError):
    """A pattern that RE2 does not accept, or that would match every text. The message is for people."""


class Pattern:
    """A compiled pattern. It ignores case, unless the pattern contains `(?-i)`."""

    __slots__ = ("_compiled", "size", "source")

    def __init__(self, source: str) -> None:
        """Raises `BadPattern`, whose message names the position of the mistake where it is known."""
        self.source = source
        try:
            self._compiled = re2.compile(source.encode(), _options())
        except (re2.error, UnicodeEncodeError) as problem:
            raise BadPattern(_explain(source, problem)) from None
        self.size: int = max(self._compiled.programsize, self._compiled.reverseprogramsize)
        if self.size > MAX_PROGRAM or self._compiled.reverseprogramsize < 0:
            raise BadPattern(f"{_TOO_LARGE}.")
        if self._compiled.search(b"") is not None:
            raise BadPattern("This pattern also fits a text without any letter, so it would fit every text.")

    def find(self, text: bytes) -> Iterator[tuple[int, int]]:
        """The byte ranges of `text` (UTF-8) that the pattern matches, in order, without overlaps."""
        return (found.span() for found in self._compiled.finditer(text))

    def fits(self, text: bytes) -> bool:
        """Whether the pattern matches anywhere in `text` (UTF-8)."""
        return self._compiled.search(text) is not None


def _options() -> "re2.Options":
    options = re2.Options()
    options.max_mem = MAX_MEMORY
    options.log_errors = False
    options.never_capture = True
    options.case_sensitive = False
    return options


def _explain(source: str, problem: Exception) -> str:
    if isinstance(problem, UnicodeEncodeError):
        return "The pattern holds a character that is no text."
    said = problem.args[0]
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    kind, _, piece = text.partition(": ")
    if kind.startswith("pattern too large"):
        return f"{_TOO_LARGE}."
    message = _MESSAGES.get(kind, "“{piece}” is not understood" if piece else "It is not understood")
    return f"{message.format(piece=piece)}{_say_place(_place(source, kind, piece))}."


def _say_place(place: int) -> str:
    return f" (character {place + 1})" if place >= 0 else ""


def _place(source: str, kind: str, piece: str) -> int:
    """The index of the mistake in `source`; -1 if it is not known."""
    if kind == "trailing \\":
        return len(source) - 1
    if kind not in ("missing )", "unexpected )"):
        return source.find(piece) if piece else -1
    open_at: list[int] = []
    for found in _BRACKETS.finditer(source):
        if found.group() == "(":
            open_at.append(found.start())
        elif found.group() == ")":
            if not open_at:
                return found.start()
            open_at.pop()
    return open_at[-1] if open_at else -1
