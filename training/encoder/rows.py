"""Which rows one run reads, what they weigh, and the batches that they make."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from moderation.language.fold.normalise import normalise
from moderation.language.models.heads import ABUSE_HEADS, Head
from moderation.language.models.wordpiece import WordPieces
from training.encoder.base import Floats
from training.sources import Row, read_rows

ABUSE = "abuse"  # the pooled output: the plain label of every set about abuse
OUTPUTS = (*(head.value for head in (*ABUSE_HEADS, Head.SPAM)), ABUSE)
MOST_ROWS = 40_000
# Of the large sets a part, so that small ones and our own rows have room in one run.
CAPS = {
    "edos": 12_000,
    "stormfront": 7_000,
    "davidson": 4_500,
    "wikitalk": 1_500,
    "civilspans": 1_500,
    "sms": 1_000,
    "smokey_titles": 600,
}
LENGTHS = (16, 24, 32, 48, 64)
_PIECES_PER_BATCH = 1_024
_SMOOTHING = 0.02

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Example:
    """A folded text with its targets: 0, 1 or NaN (not asked) for each of `OUTPUTS`."""

    folded: str
    source: str
    targets: Floats


def read_english(folder: Path, split: str) -> list[Example]:
    """All English rows of both axes, folded as the service folds them."""
    examples = []
    for axis in ("abuse", "spam"):
        for row in read_rows(folder, axis, split):
            folded = normalise(row.text).text
            if row.language == "en" or (row.language == "mul" and _is_latin(folded)):
                examples.append(_example(row, folded, ABUSE if axis == "abuse" else None))
    return examples


def _is_latin(folded: str) -> bool:
    """Sets in many languages do not say which: take the rows written in plain Latin letters."""
    letters = [character for character in folded if character.isalpha()]
    return sum(character.isascii() for character in letters) >= 0.95 * max(len(letters), 1)


def _example(row: Row, folded: str, pooled: str | None) -> Example:
    labels = {head.value: label for head, label in row.heads.items()}
    if pooled is not None:
        labels[pooled] = row.label
    targets = np.array([labels.get(output, np.nan) for output in OUTPUTS], dtype=np.float32)
    return Example(folded, row.source, targets)


def choose(examples: Sequence[Example], seed: int, caps: dict[str, int], most: int) -> list[Example]:
    """A random order of `examples`, at most `caps[source]` of a source and `most` in all."""
    order = np.random.default_rng(seed).permutation(len(examples))
    taken: Counter[str] = Counter()
    chosen = []
    for index in order:
        source = examples[index].source
        if taken[source] < caps.get(source, most):
            taken[source] += 1
            chosen.append(examples[index])
    return chosen[:most]


def weigh(examples: Sequence[Example], raised: Mapping[str, float] | None = None) -> Floats:
    """Weights (rows, outputs): a source counts with the root of its size, times what `raised` says of it,
    and of each question the rarer answer is raised by a root too; 0 where a row was not asked; the
    mean of the others is 1.
    """
    raised = raised or {}
    targets = np.stack([example.targets for example in examples])
    sources = np.array([example.source for example in examples])
    weights = np.zeros_like(targets)
    for source in np.unique(sources):
        for output in range(targets.shape[1]):
            asked = (sources == source) & ~np.isnan(targets[:, output])
            for answer in (0, 1):
                rows = asked & (targets[:, output] == answer)
                if rows.any():
                    balance = asked.sum() / (2 * rows.sum())
                    root = np.sqrt(min(balance, 8.0) / (sources == source).sum())
                    weights[rows, output] = raised.get(str(source), 1.0) * root
    result: Floats = weights / weights[weights > 0].mean()
    return result


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded ids and mask (rows, pieces); targets and weights (rows, outputs)."""

    ids: Ints
    mask: Floats
    targets: Floats
    weights: Floats


class Batches:
    """The rows as batches of one length each, in an order that the seed and the epoch fix."""

    def __init__(
        self,
        examples: Sequence[Example],
        splitter: WordPieces,
        weights: Floats,
        lengths: Sequence[int] = LENGTHS,
    ) -> None:
        self._lengths = lengths
        self._ids = [splitter.encode(example.folded, lengths[-1]) for example in examples]
        self._targets = np.stack([example.targets for example in examples])
        self._weights = weights

    def epoch(self, seed: int, epoch: int) -> Iterator[Batch]:
        """Every row once, in full batches; the last, short one of each length is padded by weight 0."""
        random = np.random.default_rng([seed, epoch])
        groups = [(length, rows) for length in self._lengths for rows in self._groups(length, random)]
        for index in random.permutation(len(groups)):
            yield self._batch(*groups[index])

    def in_order(self) -> Iterator[tuple[list[int], Batch]]:
        """All batches once, each with the indices of its rows."""
        for length in self._lengths:
            for rows in self._groups(length, np.random.default_rng(0)):
                yield rows, self._batch(length, rows)

    def __len__(self) -> int:
        return sum(len(list(self._groups(length, np.random.default_rng(0)))) for length in self._lengths)

    def _groups(self, length: int, random: np.random.Generator) -> Iterable[list[int]]:
        shorter = max((other for other in self._lengths if other < length), default=0)
        rows = [index for index, ids in enumerate(self._ids) if shorter < len(ids) <= length]
        random.shuffle(rows)
        size = _PIECES_PER_BATCH // length
        for start in range(0, len(rows), size):
            yield rows[start : start + size]

    def _batch(self, length: int, rows: list[int]) -> Batch:
        size = _PIECES_PER_BATCH // length
        batch = Batch(
            np.zeros((size, length), np.int32),
            np.zeros((size, length), np.float32),
            np.zeros((size, len(OUTPUTS)), np.float32),
            np.zeros((size, len(OUTPUTS)), np.float32),
        )
        for place in range(size):
            row = rows[place % len(rows)]
            ids = self._ids[row]
            batch.ids[place, : len(ids)] = ids
            batch.mask[place, : len(ids)] = 1
            if place < len(rows):
                batch.weights[place] = self._weights[row]
                batch.targets[place] = smooth(self._targets[row])
        return batch


def smooth(targets: Floats) -> Floats:
    """Labels are wrong at times: no target is quite 0 or 1. What was not asked becomes 0."""
    result: Floats = np.nan_to_num(targets * (1 - _SMOOTHING) + _SMOOTHING / 2)
    return result
