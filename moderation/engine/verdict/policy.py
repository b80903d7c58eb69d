"""How a site weighs signals: plain values, read and written by `policy_io.py`."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """How a site weighs signals. A score reaches a threshold if it is equal to it or higher.

    A comment is spam if its spam score reaches `spam_at`. It is held if its doubt (spam plus quality minus
    trust) reaches `hold_at`, or its abuse reaches `abuse_hold_at`. A code in `reject_codes`, `spam_codes` or
    `hold_codes` leads to its outcome whatever its points. `weights` multiply the points of a code;
    `family_caps` limit the sum of correlated signals. `sample_percent` is the percentage of comments
    published by the checks that is drawn at random for a later review.
    """

    version: int
    spam_at: float
    hold_at: float
    abuse_hold_at: float
    weights: Mapping[str, float]
    family_caps: Mapping[str, float]
    hold_codes: frozenset[str]
    spam_codes: frozenset[str]
    reject_codes: frozenset[str]
    premoderate: bool
    sample_percent: float
