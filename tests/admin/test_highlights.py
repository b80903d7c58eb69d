"""Marks point at code points of the original text, may overlap, and lose no character."""

import pytest

from moderation.admin.desk.highlights import Highlight, Piece, cut_into_pieces, split_pieces


def texts(pieces: list[Piece]) -> list[str]:
    return [piece.text for piece in pieces]


def test_a_text_without_highlights_is_one_piece():
    assert cut_into_pieces("Nothing to see.") == [Piece("Nothing to see.")]
    assert cut_into_pieces("") == []


def test_a_mark_is_a_piece_that_names_its_evidence():
    assert cut_into_pieces("buy it now", [Highlight(4, 6, 1)]) == [
        Piece("buy "),
        Piece("it", (1,), (1,)),
        Piece(" now"),
    ]


def test_overlapping_highlights_share_pieces_and_each_closes_once():
    pieces = cut_into_pieces("abcdef", [Highlight(0, 4, 1), Highlight(2, 6, 2)])
    assert pieces == [Piece("ab", (1,)), Piece("cd", (1, 2), (1,)), Piece("ef", (2,), (2,))]


def test_equal_and_nested_highlights_are_told_together():
    pieces = cut_into_pieces(
        "abcd", [Highlight(0, 4, 1), Highlight(0, 4, 2), Highlight(1, 2, 3), Highlight(1, 2, 3)]
    )
    assert pieces == [Piece("a", (1, 2)), Piece("b", (1, 2, 3), (3,)), Piece("cd", (1, 2), (1, 2))]


def test_offsets_count_code_points_not_bytes():
    assert texts(cut_into_pieces("🙂 ñandú buy", [Highlight(8, 11, 1)])) == ["🙂 ñandú ", "buy"]


@pytest.mark.parametrize(
    "highlight", [Highlight(*at) for at in ((9, 12, 1), (3, 3, 1), (4, 2, 1), (-5, 0, 1))]
)
def test_a_highlight_outside_of_the_text_is_left_out(highlight: Highlight):
    assert cut_into_pieces("abcdef", [highlight]) == [Piece("abcdef")]


def test_a_mark_that_reaches_beyond_the_text_ends_with_it():
    assert cut_into_pieces("abc", [Highlight(-2, 99, 1)]) == [Piece("abc", (1,), (1,))]


def test_what_turns_the_direction_of_text_is_shown_by_its_name():
    assert cut_into_pieces("a\u202eb") == [Piece("a"), Piece("U+202E", is_sign=True), Piece("b")]


def test_what_joins_letters_is_shown_only_where_a_check_points_at_it():
    assert texts(cut_into_pieces("v\u200bi")) == ["v\u200bi"]
    assert texts(cut_into_pieces("v\u200bi", [Highlight(0, 3, 1)])) == ["v", "U+200B", "i"]


def test_a_long_text_is_split_between_words_and_loses_nothing():
    pieces = cut_into_pieces("word " * 1000, [Highlight(0, 4, 1)])
    shown, rest = split_pieces(pieces, 1200)
    assert 1100 < sum(map(len, texts(shown))) <= 1200
    assert "".join(texts(shown + rest)) == "word " * 1000
    assert shown[-1].text.endswith("word ")


def test_a_mark_is_never_cut_and_a_text_just_over_the_line_is_not_split():
    shown, rest = split_pieces(cut_into_pieces("x" * 2000, [Highlight(0, 2000, 1)]), 1200)
    assert (len(shown), rest) == (1, [])
    shown, rest = split_pieces(cut_into_pieces("x" * 1300), 1200)
    assert (len(shown), rest) == (1, [])


def test_what_follows_when_there_is_no_room_left_is_the_rest():
    shown, rest = split_pieces(cut_into_pieces("x" * 1200 + "tail", [Highlight(0, 1200, 1)]), 1200)
    assert (texts(shown), texts(rest)) == (["x" * 1200], ["tail"])


def test_only_so_many_highlights_are_drawn():
    pieces = cut_into_pieces("ab" * 500, [Highlight(at, at + 1, 1) for at in range(0, 1000, 2)])
    assert sum(bool(piece.numbers) for piece in pieces) == 200
    assert "".join(texts(pieces)) == "ab" * 500
