"""Phrases that speak for categories of which our models know nothing.

Few and plain on purpose: a phrase that is found is good evidence, and one that is not found is no
evidence at all. English only.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from moderation.compat.openai_moderations.categories import Category
from moderation.domain.signals import Span
from moderation.engine.text.word_matching import WordMatcher
from moderation.language.fold.normalise import Normalised

_PHRASES: Mapping[Category, tuple[str, ...]] = {
    Category.SELF_HARM_INTENT: (
        "i want to kill myself", "i will kill myself", "i'm going to kill myself", "im going to kill myself",
        "i am going to kill myself", "i'm gonna kill myself", "im gonna kill myself", "going to end my life",
        "want to end my life", "i want to end it all", "i am suicidal", "i'm suicidal", "i want to die",
        "i cut myself", "i've been cutting myself", "i am cutting myself", "going to hang myself",
        "i tried to kill myself", "i don't want to live anymore", "i dont want to live anymore",
    ),
    Category.SELF_HARM_INSTRUCTIONS: (
        "kill yourself", "kill your self", "kill urself", "kill yourselves", "kys", "hang yourself",
        "go hang yourself", "slit your wrists", "cut your wrists", "neck yourself", "rope yourself",
        "shoot yourself", "drink bleach", "end your life", "how to kill yourself", "how to kill myself",
        "ways to kill yourself", "how to commit suicide", "ways to commit suicide", "how to cut yourself",
        "how to hang yourself",
    ),
    Category.ILLICIT: (
        "how to shoplift", "how to steal a car", "how to pick a lock", "how to launder money", "how to forge",
        "how to make meth", "how to cook meth", "how to make crack", "how to hack into", "buy cocaine",
        "buy heroin", "buy meth", "buy fentanyl", "buy stolen", "stolen credit cards", "fake passports",
        "fake ids for sale", "counterfeit money for sale", "fullz for sale", "cvv for sale",
    ),
    Category.ILLICIT_VIOLENT: (
        "how to make a bomb", "how to build a bomb", "how to make a pipe bomb", "how to make explosives",
        "how to make napalm", "how to make a molotov", "how to make a silencer", "how to poison someone",
        "how to kill someone", "how to hide a body", "buy a gun without", "buy guns without",
        "untraceable gun", "hire a hitman", "hire a killer",
    ),
    Category.SEXUAL_MINORS: (
        "child porn", "child pornography", "kiddie porn", "kiddy porn", "cheese pizza pics", "preteen porn",
        "underage porn", "underage sex", "sex with children", "sex with a child", "sex with kids",
        "sex with minors", "jailbait pics", "lolita porn", "naked children", "nude children",
    ),
    Category.VIOLENCE_GRAPHIC: (
        "decapitated", "beheaded", "dismembered", "disembowel*", "cut his head off", "cut her head off",
        "cut your head off", "cut their heads off", "guts spilled", "guts hanging", "intestines",
        "brains splattered", "blood everywhere", "gouge your eyes", "gouge his eyes", "gouge her eyes",
        "gouged out", "skin you alive", "skinned alive", "burned alive", "bash your skull", "skull crushed",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundPhrase:
    """A phrase that speaks for a category, and its place in the original text."""

    category: Category
    span: Span


def find_phrases(text: Normalised) -> Iterator[FoundPhrase]:
    """All phrases in a folded text, so that a disguised one is found too."""
    for category, matcher in _matchers().items():
        for hit in matcher.find(text):
            yield FoundPhrase(category, text.span(hit.start, hit.end))


@cache
def _matchers() -> Mapping[Category, WordMatcher]:
    return {category: WordMatcher(dict.fromkeys(words, 1.0)) for category, words in _PHRASES.items()}
