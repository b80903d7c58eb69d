"""How well logits rank the rows of each set: area under the ROC curve, per set and output."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from training.encoder.rows import OUTPUTS, Example

_FEWEST = 10  # rows of each answer: below that the area is noise


def auc(scores: npt.NDArray[Any], labels: npt.NDArray[Any]) -> float:
    """Chance that a random positive scores above a random negative, ties counted half."""
    _, which, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[which]
    positives = int(labels.sum())
    return float((ranks[labels == 1].mean() - (positives + 1) / 2) / (len(labels) - positives))


def score_sets(
    predict: Callable[[Sequence[Example]], Any], examples: Sequence[Example], most: int | None = None
) -> dict[str, dict[str, float]]:
    """AUC per set and output, over the first `most` rows of each set; `all` is all sets."""
    by_source: dict[str, list[Example]] = {}
    for example in examples:
        by_source.setdefault(example.source, []).append(example)
    kept = [example for rows in by_source.values() for example in rows[:most]]
    return tabulate(predict(kept), kept)


def tabulate(logits: Any, examples: Sequence[Example], fewest: int = _FEWEST) -> dict[str, dict[str, float]]:
    """AUC per set and output where both answers stand at least `fewest` times; `all` is all sets."""
    targets = np.stack([example.targets for example in examples])
    sources = np.array([example.source for example in examples])
    table: dict[str, dict[str, float]] = {}
    for source in ["all", *dict.fromkeys(sources.tolist())]:
        rows = np.ones(len(sources), bool) if source == "all" else sources == source
        line = {name: _area(logits, targets, rows, index, fewest) for index, name in enumerate(OUTPUTS)}
        table[source] = {name: area for name, area in line.items() if area is not None}
    return table


def _area(logits: Any, targets: Any, rows: Any, output: int, fewest: int) -> float | None:
    asked = rows & ~np.isnan(targets[:, output])
    labels = targets[asked, output]
    if min(labels.sum(), len(labels) - labels.sum()) < fewest:
        return None
    return round(auc(logits[asked, output], labels), 4)


def fit_platt(logits: npt.NDArray[Any], labels: npt.NDArray[Any]) -> tuple[float, float]:
    """Slope and shift that make logits log-odds, by Newton's method.

    Platt's "Probabilistic outputs for support vector machines" (1999), with his smoothed targets.
    """
    positives = float(labels.sum())
    targets = np.where(labels == 1, (positives + 1) / (positives + 2), 1 / (len(labels) - positives + 2))
    inputs = np.stack([logits, np.ones_like(logits)], axis=1).astype(np.float64)
    fit = np.array([1.0, 0.0])
    for _ in range(50):
        chances = 1 / (1 + np.exp(-inputs @ fit))
        slopes = (inputs * (chances * (1 - chances))[:, None]).T @ inputs + 1e-6 * np.eye(2)
        fit -= np.linalg.solve(slopes, inputs.T @ (chances - targets))
    return float(fit[0]), float(fit[1])
