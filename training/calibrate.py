"""Make probabilities and thresholds mean something on a realistic mix of comments."""

from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

# What a comment section holds, roughly: one abusive or advertising comment in ten, most of the
# rest plain talk. Shares of the benign part; sets that are not named share what is left.
PRIOR = 0.1
BENIGN_MIX: Mapping[str, float] = {
    "wikitalk": 0.25,
    "surge": 0.1,
    "convabuse": 0.1,
    "stormfront": 0.1,
    "edos": 0.15,
    "davidson": 0.1,
    "contrast": 0.15,
}


def mix_weights(sources: Sequence[str], labels: np.ndarray) -> np.ndarray:
    """A weight for each row, so that all together are the mix: they sum to 1."""
    names = np.array(sources)
    weights = np.zeros(len(labels))
    for label, total in ((0, 1 - PRIOR), (1, PRIOR)):
        present = sorted(set(names[labels == label]))
        given = {name: BENIGN_MIX.get(name, 0.05) if label == 0 else 1.0 for name in present}
        for name in present:
            of_it = (names == name) & (labels == label)
            weights[of_it] = total * given[name] / sum(given.values()) / of_it.sum()
    return weights


def fit_platt(logits: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """`(a, b)` of the probability sigmoid(a * logit + b) (Platt 1999), with rows weighted."""
    model = LogisticRegression(C=1e3).fit(logits.reshape(-1, 1), labels, sample_weight=weights * len(labels))
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def describe_axis(logits: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> dict[str, float]:
    """What the service needs to know of an axis: Platt's `a` and `b`, the logits that 1 % and 0.1 % of
    the benign mix pass, and the one that all but 2 % of the other rows pass.
    """
    a, b = fit_platt(logits, labels, weights)
    return {
        "a": a,
        "b": b,
        "one_in_100": threshold_at(logits, labels, weights, 0.01),
        "one_in_1000": threshold_at(logits, labels, weights, 0.001),
        "nearly_all": _quantile(logits[labels == 1], weights[labels == 1], 0.02),
    }


def _quantile(values: np.ndarray, weights: np.ndarray, share: float) -> float:
    order = np.argsort(values)
    below = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][np.searchsorted(below, share)])


def threshold_at(logits: np.ndarray, labels: np.ndarray, weights: np.ndarray, share: float) -> float:
    """The lowest logit at or over which at most `share` of the benign weight lies."""
    benign = labels == 0
    order = np.argsort(-logits[benign])
    above = np.cumsum(weights[benign][order]) / weights[benign].sum()
    ranked = logits[benign][order]
    inside = ranked[above <= share]
    return float(inside[-1]) if inside.size else float(ranked[0]) + 1e-3
