"""Log-odds and probabilities."""

import math

# Beyond this a probability is 0 or 1 for every purpose, and `exp` has not overflowed yet.
_FURTHEST = 40.0


def sigmoid(log_odds: float) -> float:
    """The probability whose log-odds are `log_odds` (the logistic function)."""
    return 1.0 / (1.0 + math.exp(-max(-_FURTHEST, min(_FURTHEST, log_odds))))


def log_odds(probability: float) -> float:
    """The log-odds of a probability, bounded like `sigmoid`'s argument (the logit)."""
    if probability <= 0.0:
        return -_FURTHEST
    if probability >= 1.0:
        return _FURTHEST
    return max(-_FURTHEST, min(_FURTHEST, math.log(probability / (1.0 - probability))))
