"""Split a folded text into word pieces, as BERT does: the input of the encoder."""

import re
from collections.abc import Sequence

MOST_PIECES = 96  # with the two tokens of start and end; a comment's first 70 words or so
PAD, UNKNOWN, START, END = "[PAD]", "[UNK]", "[CLS]", "[SEP]"
MARKS = (PAD, UNKNOWN, START, END)
_LONGEST_WORD = 100  # characters; a longer one is noise to any vocabulary (the limit of BERT's own splitter)
_WORD = re.compile(r"[^\W_]+|\S")


class WordPieces:
    """Greedy longest match over `pieces`: those inside a word start with `##`; the index is the id.

    Raises `ValueError` when one of the `MARKS` is missing or a piece stands twice.
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        self.pieces = tuple(pieces)
        self._ids = {piece: index for index, piece in enumerate(pieces)}
        if len(self._ids) < len(pieces) or not self._ids.keys() >= set(MARKS):
            raise ValueError("The vocabulary lacks a special token or has a piece twice.")
        self._unknown = self._ids[UNKNOWN]
        self._longest = max(map(len, pieces))

    def encode(self, folded: str, most: int = MOST_PIECES) -> list[int]:
        """Ids of the pieces of `folded` between the tokens of start and end, `most` ids at most."""
        ids = [self._ids[START]]
        for word in _WORD.finditer(folded):
            ids.extend(self._split(word[0]))
            if len(ids) >= most:
                break
        return [*ids[: most - 1], self._ids[END]]

    def _split(self, word: str) -> list[int]:
        """Pieces of one word; a word with a part that no piece covers is unknown as a whole."""
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
