"""A small template language: slots, choices, and one identity term kept through a text and its twin.

In a template `{place}` draws from the word list `place`; the n-th draw from a list is the same in both halves
of a minimal pair. `[a|b|]` chooses. `{g.p}`, `{g.s}`, `{g.a}` are the plural, singular and adjective of the
group spoken of, `{h.p}` of a second one, `{g:religion,nation.p}` limits it to categories. `a^ ` becomes "a" or
"an".
"""

import random
import re
from collections.abc import Iterable, Mapping, Sequence

from training.contrast.terms import CATEGORY_SETS, Term, TermPicker

_CLAIM = re.compile(r"\{((?:claim|praise)\w*)\}")
_TERM = re.compile(r"\{([gh])(?::([a-z,]+))?\.([psa])\}")
_SLOT = re.compile(r"\{([a-z][a-z_0-9]*)\}")
_CHOICE = re.compile(r"\[([^\[\]{}]*(?:\{[^{}]*\}[^\[\]{}]*)*)\]")
_ARTICLE = re.compile(r"\b([aA])\^ (?=(\W*\w+))")
_SOUNDS_LIKE_CONSONANT = re.compile(r"\W*(uni(?!n|m)|eu|one\b|once|use|ukr|ug|uk\b)", re.IGNORECASE)
_SOUNDS_LIKE_VOWEL = re.compile(
    r"\W*([aeio]|u|hour|honest|heir|mp\b|nhs\b|sms\b|xl\b|11|18|8)", re.IGNORECASE
)


class Filler:
    """Fills the halves of one minimal pair with the same draws."""

    def __init__(self, words: Mapping[str, Sequence[str]], terms: TermPicker, source: random.Random) -> None:
        self._words = words
        self._terms = terms
        self._random = source
        self._drawn: dict[tuple[str, int], str] = {}
        self.bound: dict[str, Term] = {}

    def fill(self, templates: Sequence[str], *, harmless: bool) -> list[str]:
        """The templates as finished sentences; raises `KeyError` for a slot without a word list."""
        raw = [self._expand(template, _CLAIM) for template in templates]
        self._bind(raw, harmless=harmless)
        return [tidy(self._fill_one(text)) for text in raw]

    def _bind(self, texts: Iterable[str], *, harmless: bool) -> None:
        """Chooses the groups so that they suit every mention, also those inside a claim."""
        mentions = [match.groups() for text in texts for match in _TERM.finditer(text)]
        for letter in sorted({letter for letter, _, _ in mentions}):
            limits = [CATEGORY_SETS(limit) for name, limit, _ in mentions if name == letter and limit]
            needs_adjective = any(form == "a" for name, _, form in mentions if name == letter)
            taken = frozenset(term.plural for term in self.bound.values())
            self.bound[letter] = self._terms.pick(
                limits, needs_adjective=needs_adjective, taken=taken, harmless=harmless
            )

    def _fill_one(self, text: str) -> str:
        counts: dict[str, int] = {}
        while True:
            before = text
            text = self._choose(text)
            text = self._expand(text, _SLOT, counts)
            if text == before:
                return _TERM.sub(self._form, text)

    def _form(self, match: re.Match[str]) -> str:
        return self.bound[match[1]].form(match[3])

    def _choose(self, text: str) -> str:
        while match := _CHOICE.search(text):
            text = text[: match.start()] + self._random.choice(match[1].split("|")) + text[match.end() :]
        return text

    def _expand(self, text: str, pattern: re.Pattern[str], counts: dict[str, int] | None = None) -> str:
        counts = {} if counts is None else counts

        def draw(match: re.Match[str]) -> str:
            name = match[1]
            counts[name] = counts.get(name, 0) + 1
            key = (name, counts[name])
            if key not in self._drawn:
                self._drawn[key] = self._fresh(name)
            return self._drawn[key]

        return pattern.sub(draw, text)

    def _fresh(self, name: str) -> str:
        """A word of the list that this text has not used yet, where there is one."""
        used = {word for (slot, _), word in self._drawn.items() if slot == name}
        left = [word for word in self._words[name] if word not in used]
        return self._random.choice(left or self._words[name])


def tidy(text: str) -> str:
    """Articles, spaces and capitals as a careful writer sets them."""
    text = _ARTICLE.sub(_article, text)
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r" ([,.;:!?])", r"\1", text)
    text = re.sub(r"([.!?])\1?\.(?!\.)", r"\1", text) if "..." not in text else text
    return re.sub(r"(^\W*|[.!?][\"')]* [\"'(]*)([a-z])", _capital, text)


def _capital(match: re.Match[str]) -> str:
    return match[1] + match[2].upper()


def _article(match: re.Match[str]) -> str:
    following = match[2]
    vowel = _SOUNDS_LIKE_VOWEL.match(following) and not _SOUNDS_LIKE_CONSONANT.match(following)
    return f"{match[1]}n " if vowel else f"{match[1]} "
