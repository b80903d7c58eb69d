"""Cut the base's vocabulary to what comments need, and give emoji a place in it."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

import numpy as np

from moderation.language.models.wordpiece import MARKS, WordPieces
from training.encoder.base import WIDTH, Floats

SIZE = 12_000
_EMOJI_AT_LEAST = 2
_USABLE = re.compile(r"(?:##)?[a-z0-9]+|[!-~]")


def cut_vocabulary(base: list[str], texts: Iterable[str]) -> list[str]:
    """The marks, all single ASCII characters at either place in a word, the emoji that stand at
    least twice in `texts`, then pieces by how often they stand there, up to `SIZE`.

    Pieces that never do follow in the order of the base, which lists common words first.
    """
    splitter = WordPieces(base)
    counts: Counter[str] = Counter()
    emoji: Counter[str] = Counter()
    for text in texts:
        counts.update(splitter.pieces[index] for index in splitter.encode(text, 512))
        emoji.update(character for character in text if unicodedata.category(character) in ("So", "Sk"))
    known = [piece for piece in base if _USABLE.fullmatch(piece) and piece not in MARKS]
    single = [piece for piece in known if len(piece.removeprefix("##")) == 1]
    common = [symbol for symbol, count in emoji.most_common() if count >= _EMOJI_AT_LEAST]
    chosen = [*MARKS, *single, *(symbol for symbol in common if not symbol.isascii())]
    taken = set(chosen)
    ranked = sorted((piece for piece in known if piece not in taken), key=lambda piece: -counts[piece])
    return [*chosen, *ranked[: SIZE - len(chosen)]]


def pick_rows(base: list[str], rows: Floats, vocabulary: list[str]) -> Floats:
    """The embeddings of `vocabulary`; a symbol that the base lacks starts as the mean of its name's."""
    ids = {piece: index for index, piece in enumerate(base)}
    splitter = WordPieces(base)
    picked = np.zeros((len(vocabulary), WIDTH), dtype=np.float32)
    for index, piece in enumerate(vocabulary):
        if piece in ids:
            picked[index] = rows[ids[piece]]
        else:
            name = unicodedata.name(piece, "symbol").lower()
            picked[index] = rows[splitter.encode(name)[1:-1]].mean(0)
    return picked
