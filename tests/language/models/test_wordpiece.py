import pytest

from moderation.language.models.wordpiece import END, MARKS, START, UNKNOWN, WordPieces

PIECES = [
    *MARKS,
    "play",
    "##ing",
    "##ed",
    "un",
    "##play",
    "a",
    "##a",
    "b",
    "'",
    "t",
    "don",
    "_",
    "😂",
    "[",
    "]",
    "user",
]


def split(text: str, most: int = 96) -> list[str]:
    splitter = WordPieces(PIECES)
    return [splitter.pieces[index] for index in splitter.encode(text, most)]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("play", ["play"]),
        ("playing  played", ["play", "##ing", "play", "##ed"]),
        ("unplayed", ["un", "##play", "##ed"]),
        ("aaa", ["a", "##a", "##a"]),
        ("don't", ["don", "'", "t"]),
        ("a_b", ["a", "_", "b"]),
        ("[user]", ["[", "user", "]"]),
        ("play😂😂", ["play", "😂", "😂"]),
        ("playx", [UNKNOWN]),
        ("x play", [UNKNOWN, "play"]),
        ("a" * 101, [UNKNOWN]),
    ],
)
def test_a_text_is_split_into_the_longest_pieces(text: str, pieces: list[str]):
    assert split(text) == [START, *pieces, END]


def test_a_long_text_is_cut_and_still_has_its_end():
    assert split("play " * 50, most=8) == [START, *["play"] * 6, END]
    assert split("a" * 50, most=8) == [START, "a", *["##a"] * 5, END]


@pytest.mark.parametrize("pieces", [["a", "b"], [*MARKS, "a", "a"]])
def test_it_rejects_a_vocabulary_that_lacks_a_mark_or_has_a_piece_twice(pieces: list[str]):
    with pytest.raises(ValueError, match="vocabulary"):
        WordPieces(pieces)


def test_it_splits_as_the_field_s_own_library_does():
    tokenizers = pytest.importorskip("tokenizers")
    from tokenizers.models import WordPiece
    from tokenizers.pre_tokenizers import BertPreTokenizer

    theirs = tokenizers.Tokenizer(
        WordPiece({piece: index for index, piece in enumerate(PIECES)}, unk_token=UNKNOWN)
    )
    theirs.pre_tokenizer = BertPreTokenizer()
    for text in ("unplayed don't [user] playing, a_b aaa", "playx ☃ a b", "play.playing...un", "ab ba aab"):
        assert WordPieces(PIECES).encode(text)[1:-1] == theirs.encode(text).ids
