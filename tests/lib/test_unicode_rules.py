"""What text may be made of."""

import pytest

from moderation.lib.unicode_rules import (
    MAX_MARKS,
    has_bidi_controls,
    has_forbidden_controls,
    has_line_breaks,
    has_too_many_marks,
    has_visible_character,
    unify_newlines,
)
from tests.pace import count_loops


@pytest.mark.parametrize("char", ["\x00", "\x07", "\x0b", "\x1f", "\x7f", "\ud800"])
def test_controls_and_lone_surrogates_are_forbidden(char: str) -> None:
    assert has_forbidden_controls(f"a{char}b")


@pytest.mark.parametrize("text", ["a\tb\nc\r\n", "👨‍👩‍👧‍👦", "\u200b", "\u202e", "\ufffd"])
def test_tabs_newlines_and_everything_else_are_not(text: str) -> None:
    assert not has_forbidden_controls(text)


def test_newlines_become_one_kind() -> None:
    assert unify_newlines("a\r\nb\rc\nd\r\r\ne") == "a\nb\nc\nd\n\ne"


@pytest.mark.parametrize("char", ["\n", "\r", "\x85", "\u2028", "\u2029", "\v", "\f"])
def test_every_kind_of_line_break_is_seen(char: str) -> None:
    assert has_line_breaks(f"a{char}")


@pytest.mark.parametrize("char", ["\u202e", "\u2066", "\u200f", "\u061c"])
def test_direction_controls_are_seen(char: str) -> None:
    assert has_bidi_controls(char)
    assert not has_bidi_controls("שלום مرحبا")


def test_eight_marks_on_one_base_are_enough() -> None:
    mark = "\u0301"
    assert not has_too_many_marks(("Z" + mark * MAX_MARKS) * 50)
    assert has_too_many_marks("Z" + mark * (MAX_MARKS + 1))
    assert has_too_many_marks(mark * (MAX_MARKS + 1))


def test_invisible_signs_between_marks_are_no_new_base() -> None:
    assert has_too_many_marks("Z" + "\u0301\u200d" * (MAX_MARKS + 1))


@pytest.mark.parametrize("text", ["बहुत अच्छा, क्षत्रिय", "שָׁלוֹם עֲלֵיכֶם", "العَرَبِيَّة", "Tiếng Việt", "❤️🏴󠁧󠁢󠁷󠁬󠁳󠁿", "བསྒྲུབས"])
def test_real_languages_stay_within_it(text: str) -> None:
    assert not has_too_many_marks(text)


@pytest.mark.parametrize(
    "text",
    ["", " \t\n", "\u200b", "\ufeff", "\u2800", "\u3164", "\u0301", "\u00ad", "\ufe0f\u200d", "\U000e0041"],
)
def test_some_text_shows_nothing(text: str) -> None:
    assert not has_visible_character(text)


@pytest.mark.parametrize("text", ["a", ".", "٣", "😀", "\u200ba", "+1"])
def test_one_sign_is_enough_to_be_seen(text: str) -> None:
    assert has_visible_character(text)


def test_the_longest_pile_is_refused_quickly() -> None:
    pile = "\u0315\u0300" * 50_000
    assert has_too_many_marks(pile)
    assert count_loops(lambda: has_too_many_marks(pile), tries=2) < 60  # 2; NFC: a minute
