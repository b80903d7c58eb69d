"""The identity terms, their forms, and a picker that uses every one about equally often."""

import random
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "words" / "terms.txt"
_ORIGIN = frozenset({"religion", "nation", "ethnic", "migrant"})


def CATEGORY_SETS(limit: str) -> frozenset[str]:  # noqa: N802 - reads as the table that it is
    """The categories that a limit such as `religion,nation` or `origin` allows."""
    names = frozenset(limit.split(","))
    return names | _ORIGIN if "origin" in names else names


@dataclass(frozen=True)
class Term:
    """A group of people: "Muslims", "Muslim", "Muslim"; the adjective is empty where English has none."""

    plural: str
    singular: str
    adjective: str
    category: str
    held_out: bool

    def form(self, letter: str) -> str:
        """The plural (`p`), singular (`s`) or adjective (`a`)."""
        return {"p": self.plural, "s": self.singular, "a": self.adjective}[letter]


@cache
def all_terms() -> tuple[Term, ...]:
    """Every term of `words/terms.txt`; those below a `--` are kept from training."""
    terms, category, held_out = [], "", False
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("@ "):
            category, held_out = line[1:].strip(), False
        elif line == "--":
            held_out = True
        elif line and not line.startswith("#"):
            plural, singular, adjective = (part.strip() for part in line.split("|"))
            terms.append(Term(plural, singular, adjective, category, held_out))
    return tuple(terms)


def terms_of(split: str) -> list[Term]:
    """The terms that a split may use: training has three in four, the others all."""
    return [term for term in all_terms() if split != "train" or not term.held_out]


class TermPicker:
    """Hands out the least used term that fits, so that no term leans to one side."""

    def __init__(self, terms: Sequence[Term], source: random.Random) -> None:
        self._terms = terms
        self._random = source
        self._used: Counter[tuple[str, bool]] = Counter()

    def pick(
        self,
        limits: Collection[frozenset[str]],
        *,
        needs_adjective: bool,
        taken: Collection[str],
        harmless: bool,
    ) -> Term:
        """A term within all limits and not taken; raises `LookupError` when none fits."""
        fitting = [
            term
            for term in self._terms
            if all(term.category in limit for limit in limits)
            and term.plural not in taken
            and (term.adjective or not needs_adjective)
        ]
        if not fitting:
            raise LookupError(f"no identity term fits {limits}")
        least = min(self._used[term.plural, harmless] for term in fitting)
        term = self._random.choice([t for t in fitting if self._used[t.plural, harmless] == least])
        return term

    def count(self, term: Term, *, harmless: bool) -> None:
        """Notes that a row used the term."""
        self._used[term.plural, harmless] += 1
