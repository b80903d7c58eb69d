"""Sentences of a comment as spans: half-open ranges of code points of the original text."""

import re
from dataclasses import dataclass

# A full stop of any script with what closes a quotation, or the end of a line.
_END = re.compile(r"[.!?\u2026\u3002\uff01\uff1f\u061f\u06d4\u0964]+[\"'\u201d\u2019)\]]*(?=\s|$)|\n+")
# Each is scored by itself, so their number bounds what a request costs.
MOST_SENTENCES = 24


@dataclass(frozen=True, slots=True)
class Sentence:
    """A range of code points, `text[start:end]`."""

    start: int
    end: int


def split_sentences(text: str) -> list[Sentence]:
    """The sentences of `text`, without the white space around them; of a long text, several in one.

    The whole text where it has one sentence or none.
    """
    ends = [found.end() for found in _END.finditer(text)]
    pieces = [_trim(text, start, end) for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]
    sentences = [piece for piece in pieces if piece.start < piece.end]
    if len(sentences) < 2:
        return [Sentence(0, len(text))]
    return _join(sentences)


def _trim(text: str, start: int, end: int) -> Sentence:
    piece = text[start:end]
    return Sentence(end - len(piece.lstrip()), start + len(piece.rstrip()))


def _join(sentences: list[Sentence]) -> list[Sentence]:
    """At most `MOST_SENTENCES` of about the same number of sentences each."""
    each = -(-len(sentences) // MOST_SENTENCES)
    groups = [sentences[at : at + each] for at in range(0, len(sentences), each)]
    return [Sentence(group[0].start, group[-1].end) for group in groups]
