import numpy as np

from moderation.language.models.wordpiece import MARKS, UNKNOWN, WordPieces
from training.encoder.base import WIDTH
from training.encoder.vocabulary import cut_vocabulary, pick_rows

BASE = [*MARKS, "a", "##a", "b", "##b", "snake", "ab", "##ab", "é", "中", "[unused1]", "!"]


def test_pieces_that_comments_need_stay_and_emoji_get_a_place():
    vocabulary = cut_vocabulary(BASE, ["ab 🐍 ab", "🐍 b 🦖"])
    assert vocabulary[: len(MARKS)] == list(MARKS)
    assert {"a", "##a", "b", "##b", "!", "ab", "##ab", "snake", "🐍"} <= set(vocabulary)
    assert not {"é", "中", "[unused1]", "🦖"} & set(vocabulary)
    splitter = WordPieces(vocabulary)
    assert splitter.pieces.index(UNKNOWN) not in splitter.encode("ab bab 🐍!")


def test_an_emoji_starts_as_the_words_of_its_name():
    rows = np.arange(len(BASE) * WIDTH, dtype=np.float32).reshape(len(BASE), WIDTH)
    picked = pick_rows(BASE, rows, ["ab", "🐍"])
    assert (picked[0] == rows[BASE.index("ab")]).all()
    assert (picked[1] == rows[BASE.index("snake")]).all()
