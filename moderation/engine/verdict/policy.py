"""How a site weighs evidence: plain values, read and written by `policy_io.py`."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """How a site weighs evidence. Points at or above a threshold count.

    `spam_at`: spam; `hold_at`: doubt (spam and quality together); `abuse_hold_at`: abuse. A code in
    `reject_codes`, `spam_codes` or `hold_codes` acts whatever its points. `weights` multiply points per code;
    `family_caps` bound what correlated signals add up to. `sample_percent` is the share of the comments
    published by the checks that is drawn for review afterwards.
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
