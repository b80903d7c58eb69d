"""Decides when the encoder gives a second opinion on abuse, and combines both models' predictions."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from moderation.language.models.encoder import SecondOpinion, encoder
from moderation.language.models.heads import Head
from moderation.language.models.linear import ABUSE

CASCADE_PATH = Path(__file__).parent / "cascade.json"
# The coefficients of the combined logit: that of the linear layer's logit, of the encoder's logit of abuse,
# and of its heads. The heads are included because the data sets define abuse differently, and the encoder's
# output `abuse` mixes these definitions. Chosen on the development rows.
_LINEAR_SHARE = 0.4
_ABUSE_SHARE = 0.3
_HEAD_SHARES: Mapping[Head, float] = {Head.IDENTITY: 0.3, Head.INSULT: 0.3, Head.SEXUAL: 0.2}


_linear_alone = False


def is_encoder_used() -> bool:
    """Whether the encoder may be used: onnxruntime is installed, and `linear_alone` is not in force."""
    return not _linear_alone and _is_installed(find_spec)


@cache
def _is_installed(find: Callable[[str], object]) -> bool:
    """Cached, because this is needed for every text and the lookup is slow."""
    return find("onnxruntime") is not None


@contextmanager
def linear_alone() -> Iterator[None]:
    """Do not use the encoder in this process meanwhile, to measure what it adds."""
    global _linear_alone  # noqa: PLW0603 - one switch for the process, which also shares the models
    _linear_alone = True
    try:
        yield
    finally:
        _linear_alone = False


@cache
def weights_version() -> str:
    """A version that changes with every weight: the hash of the file that contains both models' hashes."""
    return hashlib.sha256(CASCADE_PATH.read_bytes()).hexdigest()[:8]


def ask_encoder(folded: str, logit: float, known: Mapping[str, float]) -> SecondOpinion | None:
    """The encoder's prediction, if it may be used and the linear layer is uncertain: its `logit` is between
    the one that nearly all abuse exceeds and the one that one harmless comment in 1,000 exceeds.
    """
    if not is_encoder_used() or not known["nearly_all"] <= logit < known["one_in_1000"]:
        return None
    second = encoder()
    return second.judge(folded) if second else None


def combine_abuse(linear_logit: float, opinion: SecondOpinion) -> float:
    """The combined logit of abuse, before `calibration()`."""
    heads = sum(share * opinion.heads[head] for head, share in _HEAD_SHARES.items())
    return _LINEAR_SHARE * linear_logit + _ABUSE_SHARE * opinion.abuse + heads


def combine_head(linear_log_odds: float, opinion: SecondOpinion | None, head: Head) -> float:
    """The log-odds of one head: the mean of both models' log-odds where there is a second opinion."""
    return (linear_log_odds + opinion.heads[head]) / 2 if opinion else linear_log_odds


def calibration() -> Mapping[str, Any]:
    """The calibration and the thresholds of the combined logit, as fitted by `training.cascade`."""
    found: Mapping[str, Any] = _fitted()[ABUSE]
    return found


def thresholds_of(head: Head, *, is_combined: bool) -> tuple[float, float]:
    """The log-odds of a head that one harmless comment in 100, and one in 1,000, exceeds."""
    thresholds = _fitted()["lines"]["both" if is_combined else "linear"][head]
    return thresholds["one_in_100"], thresholds["one_in_1000"]


@cache
def _fitted() -> Mapping[str, Any]:
    fitted: Mapping[str, Any] = json.loads(CASCADE_PATH.read_bytes())
    return fitted
