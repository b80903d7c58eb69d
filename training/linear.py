"""Train the hashed linear layer: `python -m training.linear --data DIR` writes the shipped file.

One row of weights a head, each learnt from the sets whose labels speak to it; the row `abuse` is a
sum of the heads that speak of attacks and of one row that is learnt from all abuse sets together.
"""

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from moderation.language.models.heads import ABUSE_HEADS, LANGUAGE_HEADS, Head
from moderation.language.models.linear import ABUSE, MODEL_PATH, LinearModel, dump_model, parse_model
from training.calibrate import BENIGN_MIX, HEAD_MIX, describe_axis, mix_weights
from training.contrast import generate
from training.contrast.swaps import sample_swaps
from training.features import build_matrix, rarity
from training.lexicon import with_weak_labels
from training.sources import SOURCES, Row, read_rows

SEED = 20261126
CONTRAST_ROWS = {"train": 16_000, "dev": 4_000}
SWAP_ROWS = {"train": 2_000, "dev": 0}  # harmless sentences that are told of every group
CONTRAST = "contrast"
STRENGTH = 0.06  # inverse of the L2 penalty, chosen on the dev rows of edos and stormfront
POOLED = "pooled"
ROWS = (*ABUSE_HEADS, Head.SPAM, *LANGUAGE_HEADS.values())
# What the row `abuse` adds up, chosen on the dev rows: all its parts are linear, so it is a row too.
SHARES = {POOLED: 1.0, Head.IDENTITY: 0.4, Head.INSULT: 0.3}
# Sets whose places have a tone of their own, which the pooled row drowns: a row each, and how much it
# may add to `abuse` where it speaks up. Chosen on the dev rows.
SPECIALISTS = {"edos": 3.0, "stormfront": 2.0, "convabuse": 5.0}
_SPECIALIST_STRENGTH = 0.1
_OTHERS_SHARE = 0.3  # of a specialist's weight: harmless rows of all other sets
# Templates are many and alike: they teach what words do not mean, and should not outweigh real texts.
_CONTRAST_SHARE = 0.5
_OFFSET = 3.0  # a column a source, so that a set's base rate is not learnt from its topics; dropped after


def all_rows(folder: Path, split: str) -> list[Row]:
    """The licensed sets and the contrast rows of a split, weak labels filled in."""
    rows = [with_weak_labels(row) for axis in ("abuse", "spam") for row in read_rows(folder, axis, split)]
    contrast = [*generate(split, SEED, CONTRAST_ROWS[split]), *sample_swaps(split, SEED, SWAP_ROWS[split])]
    rows += [
        Row(row.text, CONTRAST, "en", row.label, {Head(head): value for head, value in row.heads.items()})
        for row in contrast
    ]
    return rows


def row_weights(sources: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """A set counts by the square root of its size, and both answers as much as each other."""
    counts = Counter(sources)
    weights = np.array([counts[source] ** -0.5 for source in sources])
    for answer in (0, 1):
        weights[answers == answer] /= weights[answers == answer].sum()
    weights[sources == CONTRAST] *= _CONTRAST_SHARE
    return weights * len(answers) / 2


class Trainer:
    """Fits one row of weights after the other on the same matrix."""

    def __init__(self, rows: Sequence[Row], matrix: sp.csr_matrix) -> None:
        self.matrix = matrix
        self.sources = np.array([row.source for row in rows])
        self.labels = np.array([row.label for row in rows])
        self.answers = {
            head: {at: row.heads[head] for at, row in enumerate(rows) if head in row.heads} for head in ROWS
        }
        is_abuse_set = [row.source == CONTRAST or SOURCES[row.source].axis == "abuse" for row in rows]
        is_english = [row.language == "en" for row in rows]
        speaks = np.flatnonzero(np.array(is_abuse_set) & np.array(is_english))
        self.pooled = speaks[~self._is_spam(rows, speaks)]

    def _is_spam(self, rows: Sequence[Row], at: np.ndarray) -> np.ndarray:
        return np.array([rows[i].heads.get(Head.SPAM) == 1 for i in at])

    def of(self, head: str) -> tuple[np.ndarray, np.ndarray]:
        """The rows that answer a head, and their answers."""
        if head == POOLED:
            return self.pooled, self.labels[self.pooled]
        answers = self.answers[Head(head)]
        return np.array(list(answers), dtype=np.int64), np.array(list(answers.values()))

    def fit_specialist(self, name: str) -> tuple[np.ndarray, float]:
        """Weights and bias of a row that knows one set: its own rows, and harmless ones of the others."""
        own = self.pooled[self.sources[self.pooled] == name]
        others = self.pooled[(self.sources[self.pooled] != name) & (self.labels[self.pooled] == 0)]
        at = np.concatenate([own, others])
        weights = np.concatenate(
            [
                row_weights(self.sources[own], self.labels[own]) / len(own),
                np.full(len(others), _OTHERS_SHARE / len(others)),
            ]
        )
        model = LogisticRegression(C=_SPECIALIST_STRENGTH, max_iter=200, tol=1e-4)
        model.fit(self.matrix[at], self.labels[at], sample_weight=weights * len(at) / weights.sum())
        return model.coef_[0], float(model.intercept_[0])

    def fit(self, head: str) -> tuple[np.ndarray, float]:
        """Weights and bias of a head."""
        at, answers = self.of(head)
        matrix = self.matrix[at]
        if head == POOLED:
            matrix = sp.hstack([matrix, self._offsets(at)]).tocsr()
        model = LogisticRegression(C=STRENGTH, max_iter=200, tol=1e-4)
        model.fit(matrix, answers, sample_weight=row_weights(self.sources[at], answers))
        return model.coef_[0][: self.matrix.shape[1]], float(model.intercept_[0])

    def _offsets(self, at: np.ndarray) -> sp.csr_matrix:
        names = sorted(set(self.sources[self.pooled]))
        return sp.csr_matrix(
            np.array([[_OFFSET * (self.sources[i] == name) for name in names] for i in at], dtype=np.float32)
        )


def train(folder: Path, out: Path) -> None:
    """Train on the rows of `train`, calibrate on those of `dev`, write the file."""
    began = time.monotonic()
    rows = all_rows(folder, "train")
    matrix = build_matrix([row.text for row in rows])
    rare = rarity(matrix)
    _say(began, f"{len(rows)} rows, {matrix.nnz} n-grams")
    trainer = Trainer(rows, (matrix @ sp.diags(rare)).tocsr())
    learnt: dict[str, tuple[np.ndarray, float]] = {}
    for head in (*ROWS, POOLED):
        learnt[head] = trainer.fit(head)
        _say(began, f"{head}: {len(trainer.of(head)[0])} rows")
    for name in SPECIALISTS:
        learnt[name] = trainer.fit_specialist(name)
        _say(began, f"specialist {name}")
    weights = sum(share * learnt[head][0] for head, share in SHARES.items())
    bias = sum(share * learnt[head][1] for head, share in SHARES.items())
    del learnt[POOLED]
    learnt[ABUSE] = (np.asarray(weights), float(bias))
    names = tuple(learnt)
    floats = np.stack([learnt[name][0] * rare for name in names], axis=1)
    scales = np.abs(floats).max(axis=0) / 127
    quantised = np.round(floats / scales).astype(np.int8)
    biases = [learnt[name][1] for name in names]
    header = {
        "made_from": describe_sources(rows),
        "seed": SEED,
        "scales": [float(scale) for scale in scales],
        "biases": biases,
        "specialists": SPECIALISTS,
    }
    header["calibration"] = calibrate(folder, LinearModel(names, quantised, scales, biases, header))
    out.write_bytes(dump_model(names, quantised, header))
    _say(began, f"wrote {out}")


def calibrate(folder: Path, model: LinearModel) -> dict:
    """What the service needs to know of each row but the specialists (`describe_axis`), by the dev rows."""
    rows = all_rows(folder, "dev")
    logits = judge_all([row.text for row in rows], model)
    return {name: _calibrate_row(rows, name, logits[name]) for name in (*ROWS, ABUSE)}


def judge_all(texts: Sequence[str], model: LinearModel) -> dict[str, np.ndarray]:
    """The logits of many texts by row, as `LinearModel.judge` gives them for one."""
    scores = build_matrix(texts) @ (model.weights * model.scales) + np.array(model.biases)
    logits = {name: scores[:, column] for column, name in enumerate(model.rows)}
    logits[ABUSE] = model.add_specialists(logits)
    return logits


def _calibrate_row(rows: Sequence[Row], name: str, logits: np.ndarray) -> dict[str, float]:
    if name == ABUSE:
        at, answers = abuse_rows(rows)
        weights = mix_weights([rows[i].source for i in at], answers, BENIGN_MIX)
    else:
        at = np.array([i for i, row in enumerate(rows) if Head(name) in row.heads])
        answers = np.array([rows[i].heads[Head(name)] for i in at])
        mix = HEAD_MIX if name in ABUSE_HEADS else None
        weights = mix_weights([rows[i].source for i in at], answers, mix)
    return describe_axis(logits[at], answers, weights)


def calibrate_again(folder: Path, path: Path) -> None:
    """Fit the calibration of a file anew; its weights stay as they are."""
    model = parse_model(path.read_bytes())
    header = dict(model.header)
    header["calibration"] = calibrate(folder, model)
    path.write_bytes(dump_model(model.rows, model.weights, header))


def abuse_rows(rows: Sequence[Row]) -> tuple[np.ndarray, np.ndarray]:
    """Which rows speak of English abuse, and whether they are abusive: advertising is not."""
    at = np.array(
        [i for i, row in enumerate(rows) if row.language == "en" and set(ABUSE_HEADS) & {*row.heads}]
    )
    return at, np.array([int(rows[i].label == 1 and rows[i].heads.get(Head.SPAM) != 1) for i in at])


def describe_sources(rows: Sequence[Row]) -> list[dict]:
    """Which sets, under which licences, with how many rows."""
    counts = Counter(row.source for row in rows)
    return [
        {"set": name, "licence": SOURCES[name].licence if name in SOURCES else "own", "rows": count}
        for name, count in sorted(counts.items())
    ]


def _say(began: float, what: str) -> None:
    print(f"{time.monotonic() - began:6.0f} s  {what}", flush=True)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with abuse.train.jsonl.gz")
    parser.add_argument("--out", type=Path, default=MODEL_PATH)
    parser.add_argument(
        "--calibrate-only", action="store_true", help="keep the weights, fit what their scores mean anew"
    )
    given = parser.parse_args()
    (calibrate_again if given.calibrate_only else train)(given.data, given.out)


if __name__ == "__main__":
    main()
