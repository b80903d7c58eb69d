"""When the encoder is asked for a second opinion on abuse, and how both scores are combined."""

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
# What the common log-odds adds up: the linear layer's answer, and the encoder's own with those of its
# heads, since its `abuse` mixes what the sets understand by it. Chosen on the dev rows.
_LINEAR_SHARE = 0.4
_ABUSE_SHARE = 0.3
_HEAD_SHARES: Mapping[Head, float] = {Head.IDENTITY: 0.3, Head.INSULT: 0.3, Head.SEXUAL: 0.2}


_alone = False


def is_encoder_used() -> bool:
    """Whether texts get a second opinion here: onnxruntime is installed and nobody measures without."""
    return not _alone and _is_installed(find_spec)


@cache
def _is_installed(find: Callable[[str], object]) -> bool:
    """Looked up once a process: every text asks, and looking takes longer than an answer may."""
    return find("onnxruntime") is not None


@contextmanager
def linear_alone() -> Iterator[None]:
    """Judge without the encoder, to measure what it adds."""
    global _alone  # noqa: PLW0603 - one switch for the process, as the models are
    _alone = True
    try:
        yield
    finally:
        _alone = False


@cache
def weights_version() -> str:
    """Changes with every weight: the file that names the hashes of both models is hashed itself."""
    return hashlib.sha256(CASCADE_PATH.read_bytes()).hexdigest()[:8]


def ask_encoder(folded: str, logit: float, known: Mapping[str, float]) -> SecondOpinion | None:
    """The encoder's opinion where it is installed and the linear layer is unsure: between the
    logit that nearly all abuse passes and the one that one harmless comment in 1,000 passes.
    """
    if not is_encoder_used() or not known["nearly_all"] <= logit < known["one_in_1000"]:
        return None
    second = encoder()
    return second.judge(folded) if second else None


def join(linear_logit: float, opinion: SecondOpinion) -> float:
    """The common logit, to be read by `calibration()`."""
    heads = sum(share * opinion.heads[head] for head, share in _HEAD_SHARES.items())
    return _LINEAR_SHARE * linear_logit + _ABUSE_SHARE * opinion.abuse + heads


def join_head(linear_odds: float, opinion: SecondOpinion | None, head: Head) -> float:
    """The log-odds of one head: the mean of both models' where the encoder was asked."""
    return (linear_odds + opinion.heads[head]) / 2 if opinion else linear_odds


def calibration() -> Mapping[str, Any]:
    """What the common logit means, as fitted by `training.cascade`."""
    found: Mapping[str, Any] = _fitted()[ABUSE]
    return found


def line_of(head: Head, *, is_joined: bool) -> tuple[float, float]:
    """The log-odds of a head that one harmless comment in 100, and one in 1,000, passes."""
    line = _fitted()["lines"]["both" if is_joined else "linear"][head]
    return line["one_in_100"], line["one_in_1000"]


@cache
def _fitted() -> Mapping[str, Any]:
    fitted: Mapping[str, Any] = json.loads(CASCADE_PATH.read_bytes())
    return fitted
