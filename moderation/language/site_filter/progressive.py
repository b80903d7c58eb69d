"""Whether a site's own filter does better than the shared model, by comments it had not learned from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from moderation.language.models.metrics import area_under_curve

# The latest decisions that are compared, ...
WINDOW = 200
# ... of which at least so many must have gone each way.
LEAST_OF_EACH = 10
# The filter is switched off when it falls behind by this much, and on again when it leads.
MARGIN = 0.02


@dataclass(frozen=True, slots=True)
class Running:
    """Area under the ROC curve of filter and shared model over the latest `count` decisions, None
    where too few went each way; and whether the filter is in use.
    """

    count: int = 0
    site: float | None = None
    shared: float | None = None
    is_on: bool = True


def follow(former: Running, said: Sequence[tuple[float, float, int]]) -> Running:
    """The state after the latest decisions: the logits of filter and shared model beforehand, and
    what the person said (1 against it), oldest first.
    """
    latest = said[-WINDOW:]
    against = np.array([label == 1 for _, _, label in latest], dtype=np.bool_)
    if min(int(against.sum()), int((~against).sum())) < LEAST_OF_EACH:
        return Running(len(latest), is_on=former.is_on)
    site = area_under_curve(np.array([logit for logit, _, _ in latest]), against)
    shared = area_under_curve(np.array([logit for _, logit, _ in latest]), against)
    is_on = site >= shared if not former.is_on else site >= shared - MARGIN
    return Running(len(latest), site, shared, is_on)
