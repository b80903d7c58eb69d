"""Finds names that can be mistaken for those of the site's staff."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from rapidfuzz.distance import DamerauLevenshtein

from moderation.domain.signals import Axis, Field, Signal, Span
from moderation.engine.facts import Context
from moderation.language.fold.normalise import normalise

# Characters that readers confuse, in addition to those that folding maps to one letter.
_SAME_LOOK = str.maketrans({"1": "l", "i": "l", "|": "l", "0": "o", "5": "s"})


@dataclass(frozen=True)
class Impersonation:
    """Signals a name that looks like a staff name, or differs from a long one by a single typing error.

    A typing error is one character that is inserted, left out, replaced or swapped with its neighbour
    (Damerau-Levenshtein distance 1).
    """

    @dataclass(frozen=True, slots=True)
    class Options:
        min_length_for_typos: int = 6  # letters and digits of the staff name
        points: float = 4.0

    options: Options = Options()

    name = "impersonation"
    version = "1"
    axis = Axis.SPAM
    sentences: ClassVar[Mapping[str, str]] = {
        "impersonation.staff": "The name passes for {staff_name}, who is on the staff",
    }

    def run(self, context: Context) -> list[Signal]:
        """At most one signal, about the first staff name that the author's name resembles."""
        name = _look(context.author_name[:200])
        if not name:
            return []
        for staff_name in context.site.staff_names:
            if self._resembles(name, _look(staff_name)):
                return [
                    Signal(
                        "impersonation.staff",
                        Axis.SPAM,
                        self.options.points,
                        "identity",
                        params={"staff_name": staff_name},
                        spans=(Span(0, len(context.author_name), Field.NAME),),
                    )
                ]
        return []

    def _resembles(self, name: str, staff_name: str) -> bool:
        if not staff_name or name == staff_name:
            return bool(staff_name)
        if len(staff_name) < self.options.min_length_for_typos:
            return False
        return DamerauLevenshtein.distance(name, staff_name, score_cutoff=1) <= 1


@lru_cache(maxsize=1024)
def _look(name: str) -> str:
    """The letters and digits of a name, with those that readers confuse mapped to one of them."""
    folded = normalise(name).text.translate(_SAME_LOOK).replace("rn", "m").replace("vv", "w")
    return "".join(character for character in folded if character.isalnum())
