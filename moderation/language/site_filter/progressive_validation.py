"""Progressive validation: compares filter and shared model on predictions made before fitting."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from moderation.language.models.metrics import area_under_curve

# The number of latest decisions that are compared.
WINDOW = 200
# At least this many of them must have each label.
LEAST_OF_EACH = 10
# The filter is switched off when its AUC is lower than the shared model's by more than this, and on again
# when it is at least as high.
MARGIN = 0.02


@dataclass(frozen=True, slots=True)
class ProgressiveValidation:
    """The area under the ROC curve of filter and shared model over the latest `count` decisions (None where
    too few of them have one of the labels), and whether the filter is switched on.
    """

    count: int = 0
    site_auc: float | None = None
    shared_auc: float | None = None
    is_on: bool = True


def validate(
    former: ProgressiveValidation, predicted: Sequence[tuple[float, float, int]]
) -> ProgressiveValidation:
    """The validation over the latest decisions, which are sorted from oldest to newest.

    Each is given by the prior logits of filter and shared model, and by its label (1 against the comment).
    """
    latest = predicted[-WINDOW:]
    against = np.array([label == 1 for _, _, label in latest], dtype=np.bool_)
    if min(int(against.sum()), int((~against).sum())) < LEAST_OF_EACH:
        return ProgressiveValidation(len(latest), is_on=former.is_on)
    site = area_under_curve(np.array([logit for logit, _, _ in latest]), against)
    shared = area_under_curve(np.array([logit for _, logit, _ in latest]), against)
    is_on = site >= shared if not former.is_on else site >= shared - MARGIN
    return ProgressiveValidation(len(latest), site, shared, is_on)
