"""Make probabilities and thresholds mean something on a realistic mix of comments."""

from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

# What a comment section holds, roughly: one abusive or advertising comment in ten, most of the
# rest plain talk.
PRIOR = 0.1
# Shares of the benign part of English abuse. Only sets whose harmless rows are harmless: "not
# sexist" and "not hateful" rows are full of plain insults, and a threshold that they pass lets
# every insult through.
BENIGN_MIX: Mapping[str, float] = {
    "wikitalk": 0.35,
    "contrast": 0.25,
    "davidson": 0.15,
    "surge": 0.1,
    "convabuse": 0.1,
    "stormfront": 0.05,
}

# The same for a single head: its own harmless rows are harmless in what it asks.
HEAD_MIX: Mapping[str, float] = {
    "wikitalk": 0.25,
    "contrast": 0.15,
    "edos": 0.15,
    "davidson": 0.1,
    "surge": 0.1,
    "convabuse": 0.1,
    "stormfront": 0.1,
    "hatemojibuild": 0.05,
    "toxigen_demo": 0.05,
}


def mix_weights(
    sources: Sequence[str], labels: np.ndarray, benign: Mapping[str, float] | None = None
) -> np.ndarray:
    """A weight for each row, so that all together are the mix: they sum to 1.

    `benign` are the shares of the sets in the benign part, none for those that it does not name;
    without it all sets count alike.
    """
    names = np.array(sources)
    weights = np.zeros(len(labels))
    for label, total in ((0, 1 - PRIOR), (1, PRIOR)):
        present = sorted(set(names[labels == label]))
        given = {name: benign.get(name, 0.0) if benign and label == 0 else 1.0 for name in present}
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
