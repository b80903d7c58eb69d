"""Patterns that people write: refused in words, and bounded in time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.engine.rules.patterns import MAX_PROGRAM, BadPattern, Pattern
from tests.pace import count_loops


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(abc", "“(” is never closed (character 1)"),
        ("x(?:a|(b)", "“(” is never closed (character 2)"),
        (r"\(a)", "“)” closes nothing (character 4)"),
        ("a[b)c](", "“(” is never closed (character 7)"),
        ("ab[c", "“[” is never closed (character 3)"),
        ("ab**", "one sign of repetition is enough (character 3)"),
        ("+a", "“+” repeats nothing (character 1)"),
        ("a[z-a]", "“z-a” is no class of characters (character 3)"),
        ("foo(?=bar)", "no look-ahead, look-behind or conditions (character 4)"),
        (r"(a)\1", "no back-references (character 4)"),
        ("a\\", "ends with a lone “\\” (character 2)"),
        ("x{5000}", "repeats too often"),
        ("(?P<n-1>a)", "is no name for a group"),
        (r"\pL{200}", "too large"),
        ("[a-z]{600}", "too large"),
        ("a*", "would fit every text"),
        ("", "would fit every text"),
        ("\ud800", "no text"),
    ],
)
def test_a_bad_pattern_says_what_is_wrong_and_where(pattern, words):
    with pytest.raises(BadPattern) as caught:
        Pattern(pattern)
    assert words in str(caught.value)


@given(st.text(alphabet="ab()[]{}*+?|.\\^$-0129,:=<>P!pLwd ", max_size=40))
def test_any_pattern_compiles_or_is_refused_in_words(source):
    try:
        pattern: Pattern | None = Pattern(source)
    except BadPattern as problem:
        pattern, told = None, str(problem)
    if pattern is None:
        assert told.endswith(".")
        return
    assert pattern.size <= MAX_PROGRAM
    text = b"abba (0129) ab-ab " * 20
    places = list(pattern.find(text))
    assert all(0 <= start <= end <= len(text) for start, end in places)
    assert pattern.fits(text) == bool(places)


@pytest.mark.parametrize(
    "source", ["(?:a?){160}a{160}", "(?:.{0,30}){3}x", "(x+x+)+y", "(a|aa)+$", ".*a.{20}b", r"\w{100}"]
)
def test_patterns_that_explode_elsewhere_stay_bounded_here(source):
    pattern = Pattern(source)
    texts = (b"a" * 10_000, b"ab xx c" * 1_400, ("é" * 5_000).encode())
    assert count_loops(lambda: [pattern.fits(text) for text in texts], tries=2) < 100  # 0.1
