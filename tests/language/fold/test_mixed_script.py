"""Words of several alphabets, and what is read into them."""

import pytest

from moderation.language.fold.lexicon import Lexicon
from moderation.language.fold.mixed_script import is_mixed_script
from moderation.language.fold.normalise import normalise


@pytest.mark.parametrize("word", ["\uaa80\u13de\u16a0x\u2d65", "q\u13acz\u13e9v", "p\u3072\u0455\u0455y"])
def test_a_word_of_three_alphabets_or_two_that_take_turns_is_one(word):
    assert is_mixed_script(word)


@pytest.mark.parametrize(
    "text",
    [
        "caf\u00e9 na\u00efve don\u02bbt un\u02c8documented",
        "SMS\u043a\u0430 \u0444\u0440\u0430\u0437\u0430",
        "\u65b0\u3057\u3044iPhone\u306e\u30b1\u30fc\u30b9S\u304c\u6b32\u3057\u3044",
        "KBS\ub274\uc2a4\uc758 TV\ud504\ub85c\uadf8\ub7a8",
        "\u00b5m k\u03a9 \u0394T \u03c0r\u00b2",
        "\u0645\u0631\u062d\u0628\u0627",
    ],
)
def test_honest_mixtures_are_none(text):
    assert not any(map(is_mixed_script, text.split()))
    assert normalise(text).text.split()[-1] == normalise(text.split()[-1]).text


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("what a b\ua024t\u037d\u0570", "what a bitch"),
        ("these \u2d06\u1d7c\u1355\U0001043d\ua0c5\u0395s", "these bitches"),
        ("\u043fo\u043co\u0447\u044c", "nomo\u0447b"),
        ("one x\u13de\u16a0\u2d65z two", "one xl\u16a0\u2d65z two"),
    ],
)
def test_the_nearest_listed_word_is_read_into_one(text, folded):
    assert normalise(text).text == folded


def test_a_text_full_of_them_is_guessed_at_a_few_times_only(monkeypatch: pytest.MonkeyPatch):
    asked: list[int] = []
    monkeypatch.setattr(Lexicon, "closest", lambda self, certain, guesses: asked.append(len(certain)))
    words = [f"q\u13ac{chr(0x430 + number // 20)}z{chr(0x561 + number % 20)}" for number in range(400)]
    normalise(" ".join(["plain English around", *words]))
    assert 0 < len(asked) <= 32
