"""How well scores tell two classes apart: the figures by which models are judged."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_BINS = 15

Numbers = npt.NDArray[np.float64]
Answers = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Quality:
    """The figures of one set. A figure that its rows do not determine is None: there is no ranking without
    both classes, and no false positive without a harmless row.
    """

    rows: int
    positives: int
    auc: float | None
    recall_at_1: float | None  # at 1 % false positives
    recall_at_5: float | None
    macro_f1: float | None  # at the product's thresholds
    best_macro_f1: float | None  # at the one threshold that suits these rows best
    recall: float | None
    false_positives: float | None  # share of the harmless rows
    calibration_error: float


def measure(
    scores: Sequence[float], odds: Sequence[float], acted: Sequence[bool], labels: Sequence[int]
) -> Quality:
    """Figures of rows with `labels` 0 or 1: their `scores` rank them, `odds` are probabilities,
    `acted` is what the product did at its thresholds.
    """
    ranked, told = np.asarray(scores, dtype=np.float64), np.asarray(odds, dtype=np.float64)
    flagged, is_positive = np.asarray(acted, dtype=bool), np.asarray(labels) == 1
    has_both = bool(is_positive.any() and not is_positive.all())
    return Quality(
        rows=len(ranked),
        positives=int(is_positive.sum()),
        auc=area_under_curve(ranked, is_positive) if has_both else None,
        recall_at_1=recall_at(ranked, is_positive, 0.01) if has_both else None,
        recall_at_5=recall_at(ranked, is_positive, 0.05) if has_both else None,
        macro_f1=macro_f1(flagged, is_positive) if has_both else None,
        best_macro_f1=best_macro_f1(ranked, is_positive) if has_both else None,
        recall=float(flagged[is_positive].mean()) if is_positive.any() else None,
        false_positives=None if is_positive.all() else float(flagged[~is_positive].mean()),
        calibration_error=calibration_error(told, is_positive),
    )


def area_under_curve(scores: Numbers, is_positive: Answers) -> float:
    """The chance that a positive outranks a negative, ties counting half (Mann-Whitney U)."""
    ranks = ranks_of(scores)
    positives = int(is_positive.sum())
    negatives = is_positive.size - positives
    return float((ranks[is_positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def rank_correlation(one: Numbers, other: Numbers) -> float:
    """How alike two scores rank the same rows, -1 to 1 (Spearman's rho)."""
    return float(np.corrcoef(ranks_of(one), ranks_of(other))[0, 1])


def ranks_of(scores: Numbers) -> Numbers:
    """The rank of each score from 1, the lowest; ties share the mean of their ranks."""
    _, which, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks: Numbers = (np.cumsum(counts) - (counts - 1) / 2)[which]
    return ranks


def recall_at(scores: Numbers, is_positive: Answers, share: float) -> float:
    """The recall at the lowest threshold that at most `share` of the negatives reach."""
    negatives = np.sort(scores[~is_positive])[::-1]
    allowed = int(share * negatives.size + 1e-9)
    return float((scores[is_positive] > negatives[allowed]).mean()) if allowed < negatives.size else 1.0


def macro_f1(flagged: Answers, is_positive: Answers) -> float:
    """The mean of both classes' F1."""
    parts = []
    for told, true in ((flagged, is_positive), (~flagged, ~is_positive)):
        both = int((told & true).sum())
        parts.append(2 * both / max(int(told.sum()) + int(true.sum()), 1))
    return float(np.mean(parts))


def best_macro_f1(scores: Numbers, is_positive: Answers) -> float:
    """`macro_f1` at the threshold where it is highest: what the ranking allows."""
    order = np.argsort(-scores, kind="stable")
    is_last = np.append(np.diff(scores[order]) != 0, True)  # ties fall on the same side
    hits, flagged = np.cumsum(is_positive[order])[is_last], np.flatnonzero(is_last) + 1
    positives, rows = int(is_positive.sum()), is_positive.size
    right = rows - flagged - (positives - hits)
    both = (2 * hits / (flagged + positives), 2 * right / (2 * rows - flagged - positives))
    return float((sum(both) / 2).max())


def calibration_error(odds: Numbers, is_positive: Answers) -> float:
    """The expected calibration error over 15 bins of equal width (Guo et al. 2017)."""
    bins = np.minimum((odds * _BINS).astype(int), _BINS - 1)
    error = 0.0
    for number in np.unique(bins):
        inside = bins == number
        error += float(abs(odds[inside].mean() - is_positive[inside].mean()) * inside.mean())
    return error
