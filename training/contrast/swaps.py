"""The same harmless sentences about one group after the other: what differs is the group alone."""

import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from training.contrast.bank import templates, words
from training.contrast.grammar import Filler, tidy
from training.contrast.kinds import KINDS
from training.contrast.noise import roughen
from training.contrast.rows import Row
from training.contrast.terms import Term, TermPicker, terms_of


def swap_terms(split: str, seed: int) -> Iterator[Row]:
    """Each harmless template of a split that may speak of any group, once for each group that has the
    forms it needs; all other words are drawn alike.
    """
    terms = terms_of(split)
    for name, texts in templates(split).items():
        if name not in KINDS or not KINDS[name].harmless:
            continue
        for template in texts:
            if "{g." not in template.text or "{g:" in template.text or "{h" in template.text:
                continue
            for term in terms:
                text = _fill(split, template.text, term, terms, seed)
                if text:
                    yield Row(text, name, KINDS[name].heads, term.plural, True, template.text)


def sample_swaps(split: str, seed: int, rows: int) -> list[Row]:
    """`rows` of `swap_terms`, roughened like all rows; the same seed gives the same."""
    source = random.Random(f"swaps {split} {seed}")
    drawn = source.sample(list(swap_terms(split, seed)), rows)
    return [replace(row, text=roughen(row.text, source, row.term)) for row in drawn]


def _fill(split: str, template: str, term: Term, terms: Sequence[Term], seed: int) -> str:
    source = random.Random(f"{template} {seed}")
    filler = Filler(words(split), _Only(term, terms, source), source)
    try:
        return tidy(filler.fill([template], harmless=True)[0])
    except LookupError:
        return ""


class _Only(TermPicker):
    """Hands out one term, wherever it fits."""

    def __init__(self, term: Term, terms: Sequence[Term], source: random.Random) -> None:
        super().__init__(terms, source)
        self._term = term

    def pick(
        self,
        limits: Collection[frozenset[str]],
        *,
        needs_adjective: bool,
        taken: Collection[str],
        harmless: bool,
    ) -> Term:
        """The term. Raises `LookupError` where it does not fit."""
        fits = all(self._term.category in limit for limit in limits)
        if not fits or self._term.plural in taken or (needs_adjective and not self._term.adjective):
            raise LookupError(self._term.plural)
        return self._term
