"""How much of what a site's lessons add is believed, and what a logit means there as a probability.

Both are fitted on what the filter said of comments *before* it learned from them: a filter that only
repeats what it was told gains nothing. `probability = sigmoid(scale * shared + facts * facts' part +
words * words' part + shift)`; with `facts` and `words` at 0 this is Platt's scaling (1999).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from moderation.language.site_filter.fit import Problem, minimise
from moderation.language.site_filter.model import Parts
from moderation.lib.odds import sigmoid

# The latest of those comments that count.
MOST_SEEN = 400
# Where the numbers are pulled to, and how strongly: words have to prove themselves first.
_START = (1.0, 0.3, 0.2, 0.0)
_PULL = (20.0, 12.0, 6.0, 0.5)
_LEAST_SCALE = 0.2
# From so many decisions of each kind on, `scale` and `shift` are the site's own.
LEAST_OF_EACH = 25


@dataclass(frozen=True, slots=True)
class Blend:
    """The four numbers; as they are here, they belong to a site without lessons."""

    scale: float = 1.0
    facts: float = 0.0
    words: float = 0.0
    shift: float = 0.0

    def rank(self, shared: float, parts: Parts) -> float:
        """The site's logit on the scale of the shared model: it orders comments by suspicion."""
        return shared + (self.facts * parts.facts + self.words * parts.words) / self.scale

    def probability(self, shared: float, parts: Parts) -> float:
        """How likely the site's moderators decide against it, 0 to 1."""
        logit = self.scale * self.rank(shared, parts) + self.shift
        return sigmoid(logit)


@dataclass(frozen=True, slots=True)
class Seen:
    """A decided comment as it looked before it was learned from. `weight` is how much it counts: more
    than 1 where it was drawn at random from many.
    """

    shared: float
    parts: Parts
    label: int
    weight: float = 1.0


def fit_blend(seen: Sequence[Seen]) -> Blend:
    """The blend that the latest of `seen`, oldest first, ask for."""
    seen = seen[-MOST_SEEN:]
    start, pull = np.array(_START), np.sqrt(np.array(_PULL))
    blend = Blend(*_START)
    if not seen:
        return blend
    table = np.array([[each.shared, each.parts.facts, each.parts.words, 1.0] for each in seen])
    columns = np.arange(4, dtype=np.uint32)
    problem = Problem.of(
        [(columns, row.astype(np.float32)) for row in table / pull],
        offsets=(table @ start).tolist(),
        labels=[each.label for each in seen],
        weights=[each.weight for each in seen],
    )
    scale, facts, words, shift = (start + minimise(problem, 4) / pull).tolist()
    blend = Blend(max(_LEAST_SCALE, scale), max(0.0, facts), max(0.0, words), shift)
    against = sum(each.label for each in seen)
    if min(against, len(seen) - against) >= LEAST_OF_EACH:
        return blend
    # Too few to say what a logit means here: only the order of comments is the site's own.
    return replace(
        blend, scale=1.0, facts=blend.facts / blend.scale, words=blend.words / blend.scale, shift=0.0
    )
