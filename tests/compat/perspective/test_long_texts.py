"""Texts of more characters than the engine looks at, up to Perspective's own limit."""

import pytest

from moderation.compat.perspective.long_texts import split_pieces
from moderation.language.fold.normalise import MAX_INPUT
from moderation.models import Site
from tests.builders import build_site
from tests.compat.perspective.calls import INSULT, analyze, key_for, value_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return build_site()


def test_an_insult_at_the_end_of_a_long_text_is_found(site: Site) -> None:
    key = key_for(site)
    padding = "Well observed." + " " * MAX_INPUT
    alone, padded = value_of(analyze(key, INSULT)), value_of(analyze(key, padding + INSULT))
    assert padded == pytest.approx(alone, abs=0.05)
    assert value_of(analyze(key, padding)) < 0.5 < padded


@pytest.mark.parametrize(
    "text", ["", "short", "a" * MAX_INPUT, "b" * 20_480, "word " * 4_000, "a " + "b" * 20_478]
)
def test_pieces_make_up_the_text_and_none_is_too_long(text: str) -> None:
    pieces = list(split_pieces(text))
    assert "".join(pieces) == text
    assert all(len(piece) <= MAX_INPUT for piece in pieces)
    assert len(pieces) <= 3


def test_no_word_is_cut() -> None:
    assert {word for piece in split_pieces("word " * 4_000) for word in piece.split()} == {"word"}
