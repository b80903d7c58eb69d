"""Splits a folded text into word pieces, as BERT does, for the encoder."""

import re
from collections.abc import Sequence

MOST_PIECES = 96  # including the start and end tokens; about the first 70 words of a comment
PAD, UNKNOWN, START, END = "[PAD]", "[UNK]", "[CLS]", "[SEP]"
MARKS = (PAD, UNKNOWN, START, END)
_LONGEST_WORD = 100  # characters; longer words are unknown, as for BERT's own tokeniser
_WORD = re.compile(r"[^\W_]+|\S")


class WordPieces:
    """Splits words by greedy longest match with `pieces`: those inside a word start with `##`; the index of a
    piece is its id.

    Raises `ValueError` if one of the `MARKS` is missing or a piece occurs twice.
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        self.pieces = tuple(pieces)
        self._ids = {piece: index for index, piece in enumerate(pieces)}
        if len(self._ids) < len(pieces) or not self._ids.keys() >= set(MARKS):
            raise ValueError("The vocabulary lacks a special token or has a piece twice.")
        self._unknown = self._ids[UNKNOWN]
        self._longest = max(map(len, pieces))

    def encode(self, folded: str, most: int = MOST_PIECES) -> list[int]:
        """The ids of the pieces of `folded` between the start and end tokens, at most `most` ids."""
        ids = [self._ids[START]]
        for word in _WORD.finditer(folded):
            ids.extend(self._split(word[0]))
            if len(ids) >= most:
                break
        return [*ids[: most - 1], self._ids[END]]

    def _split(self, word: str) -> list[int]:
        """The ids of one word's pieces. A word with a part that no piece covers is unknown as a whole."""
        whole = self._ids.get(word)
        if whole is not None:
            return [whole]
        if len(word) > _LONGEST_WORD:
            return [self._unknown]
        ids, start = [], 0
        while start < len(word):
            found = self._longest_piece(word, start)
            if found is None:
                return [self._unknown]
            ids.append(found[0])
            start = found[1]
        return ids

    def _longest_piece(self, word: str, start: int) -> tuple[int, int] | None:
        prefix = "##" if start else ""
        for end in range(min(len(word), start + self._longest), start, -1):
            piece = self._ids.get(prefix + word[start:end])
            if piece is not None:
                return piece, end
        return None
