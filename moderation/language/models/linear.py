"""The hashed linear layer: a few rows of int8 weights, multiplied with numpy."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from moderation.language.models.hashing import BUCKETS, Floats, Grams
from moderation.language.models.weight_file import BrokenModel, dump_weights, parse_weights

MODEL_PATH = Path(__file__).parent / "linear.bin"
ABUSE = "abuse"
_MAGIC = b"comment-linear-1\n"


@dataclass(frozen=True, slots=True)
class LinearModel:
    """`weights` is int8 of shape (BUCKETS, rows); a row's logit is scale * (values @ weights) + bias.

    `header` also tells from what the file was made, how its logits are calibrated, and the specialists: rows
    that were each fitted on one data set, with the coefficients with which they add to the row `abuse`.
    """

    rows: tuple[str, ...]
    weights: npt.NDArray[np.int8]
    scales: Floats
    biases: Floats
    header: Mapping[str, Any]

    def score(self, grams: Grams) -> Floats:
        """The logits of all rows."""
        logits: Floats = (grams.values @ self.weights[grams.buckets]) * self.scales + self.biases
        return logits

    def judge(self, grams: Grams) -> dict[str, float]:
        """The logit of each row by name; that of `abuse` includes the specialists."""
        logits = dict(zip(self.rows, self.score(grams).tolist(), strict=True))
        logits[ABUSE] = float(self.add_specialists(logits))
        return logits

    def add_specialists(self, logits: Mapping[str, Any]) -> Any:
        """The logit of `abuse`, or an array of such, plus each specialist's coefficient times the softplus of
        its logit. Where a specialist predicts no abuse, it adds almost nothing and so cannot cancel others.
        """
        return logits[ABUSE] + sum(
            share * np.logaddexp(0.0, logits[name]) for name, share in self.header["specialists"].items()
        )

    def contributions(self, grams: Grams, row: str) -> Floats:
        """What each n-gram adds to the logit of `row`. For `abuse` this includes the specialists, each with
        its coefficient times the derivative of the softplus at its logit.
        """
        added = self._added(grams, row)
        if row == ABUSE and self.header["specialists"]:
            logits = dict(zip(self.rows, self.score(grams).tolist(), strict=True))
            for name, share in self.header["specialists"].items():
                added = added + self._added(grams, name) * np.float32(share / (1 + np.exp(-logits[name])))
        return added

    def _added(self, grams: Grams, row: str) -> Floats:
        column = self.rows.index(row)
        added: Floats = grams.values * self.weights[grams.buckets, column] * self.scales[column]
        return added


def dump_model(rows: tuple[str, ...], weights: npt.NDArray[np.int8], header: Mapping[str, Any]) -> bytes:
    """The bytes of a model's file."""
    raw = np.ascontiguousarray(weights).tobytes()
    return dump_weights(_MAGIC, {**header, "rows": list(rows), "buckets": BUCKETS}, raw)


def parse_model(content: bytes) -> LinearModel:
    """The model in the bytes of its file. Raises `BrokenModel`."""
    header, raw = parse_weights(_MAGIC, content)
    rows = tuple(header["rows"])
    if header["buckets"] != BUCKETS or len(raw) != BUCKETS * len(rows):
        raise BrokenModel("made for another number of buckets")
    weights = np.frombuffer(raw, dtype=np.int8).reshape(BUCKETS, len(rows))
    scales = np.array(header["scales"], dtype=np.float32)
    return LinearModel(rows, weights, scales, np.array(header["biases"], dtype=np.float32), header)


@cache
def linear_model() -> LinearModel:
    """The shipped model, read once in a process. Raises `BrokenModel`."""
    return parse_model(MODEL_PATH.read_bytes())
