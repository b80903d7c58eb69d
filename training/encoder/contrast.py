"""The contrast rows as examples: talk about people and violence that is not an attack on them."""

from collections.abc import Mapping

import numpy as np

from moderation.language.fold.normalise import normalise
from training.contrast import generate
from training.contrast.rows import Row
from training.contrast.swaps import sample_swaps
from training.encoder.rows import ABUSE, OUTPUTS, Example

SOURCE = "contrast"


def read_contrast(rows: int, seed: int, split: str = "train", *, swaps: int = 0) -> list[Example]:
    """`rows` rows of a split, each answering the heads that it speaks to; of abuse, unless it is
    about advertising alone. `swaps` of them are harmless sentences that are told of every group."""
    drawn = [*generate(split, seed, rows - swaps), *sample_swaps(split, seed, swaps)]
    return [_example(row) for row in drawn]


def _example(row: Row) -> Example:
    return Example(normalise(row.text).text, SOURCE, _targets(row.heads))


def _targets(heads: Mapping[str, int]) -> np.ndarray:
    labels = {str(head): float(label) for head, label in heads.items()}
    attacks = [labels[name] for name in ("insult", "identity", "threat", "sexual") if name in labels]
    if attacks:
        labels[ABUSE] = max(attacks)
    return np.array([labels.get(output, np.nan) for output in OUTPUTS], dtype=np.float32)
