"""Make `moderation/language/models/spun.bin`: `python -m training.spun --data DATA [--dry]`.

`DATA` holds `{abuse,spam}.{train,dev}.jsonl.gz`. Prints how many texts of templates that a run has not seen
(whole groups of alike templates are left out in turn) it would have known, and the harmless texts of the
development rows that it flags, by set.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from moderation.language.fold.normalise import normalise
from moderation.language.models.spun import (
    BUCKETS,
    FEWEST_WORDS,
    MODEL_PATH,
    dump_model,
    fold_words,
    hash_shingles,
)
from training.sources import SOURCES
from training.spun.rows import SEED, SPUN_SET, expand, harmless, join_alike, published_templates

STRENGTH = 30.0  # inverse of the L2 penalty
OF_A_TEMPLATE = 120.0  # what all texts of one template weigh beside a harmless text
OWN_HARMLESS = 5.0  # readers' praise is rare in the sets
MOST_FLAGGED = 0.003  # of any set of enough rows; a quarter of it where the text is told for certain
FEWEST_ROWS = 300


def main() -> None:
    """Learn, tell how well it does on templates left out, choose the thresholds, write the file."""
    parser = argparse.ArgumentParser(prog="python -m training.spun", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--dry", action="store_true", help="measure only")
    options = parser.parse_args()
    published, own = published_templates(options.data), expand("templates.txt")
    ham = harmless(options.data, "train")
    calm = _Texts([text for texts in ham.values() for text in texts])
    readers = _Texts([text for texts in expand("harmless.txt").values() for text in texts])
    dev = {name: _Texts(texts) for name, texts in harmless(options.data, "dev").items()}
    templates = {name: _Texts(texts) for name, texts in (published | own).items()}
    learner = _Learner(calm, readers)
    weights, bias = learner.learn(list(templates.values()))
    usual, certain = _thresholds(weights, bias, dev)
    _report(learner, templates, published, (weights, bias), dev)
    scale = _scale(weights)
    header = {
        "bias": bias,
        "scale": scale,
        "threshold": usual,
        "certain": certain,
        "seed": SEED,
        "rows": ["spun"],
        "made_from": _made_from(published, own, ham),
    }
    if not options.dry:
        content = dump_model(np.rint(weights / scale).astype(np.int8), header)
        MODEL_PATH.write_bytes(content)
        print(f"{MODEL_PATH.name}: {len(content)} bytes, thresholds {usual:.2f} and {certain:.2f}")


def _scale(weights: np.ndarray) -> float:
    return float(np.abs(weights).max() / 127)


def _as_shipped(weights: np.ndarray) -> np.ndarray:
    scale = _scale(weights)
    rounded: np.ndarray = np.rint(weights / scale) * scale
    return rounded


def _made_from(*parts: Mapping[str, Sequence[str]]) -> list[dict[str, object]]:
    """The sets with their licences and rows, as `manage.py weights` tells them."""
    published, own, ham = ({name: len(texts) for name, texts in part.items()} for part in parts)
    counts = {SPUN_SET: sum(published.values()), "own templates": sum(own.values()), **ham}
    return [
        {"set": name, "rows": rows, "licence": SOURCES[name].licence if name in SOURCES else "as the project"}
        for name, rows in sorted(counts.items())
    ]


class _Texts:
    """Texts as lines of a matrix of shingles, each line of length 1; short texts are left out."""

    def __init__(self, texts: Sequence[str]) -> None:
        folded = [[word for word, _, _ in fold_words(normalise(text).text)] for text in texts]
        self.count = len(texts)
        self.folded = [words for words in folded if len(words) >= FEWEST_WORDS]
        self.shingles = [np.unique(hash_shingles(words)) for words in self.folded]
        ends = np.cumsum([0, *(each.size for each in self.shingles)])
        values = [np.full(each.size, each.size**-0.5) for each in self.shingles]
        parts = (np.concatenate([*values, []]), np.concatenate([*self.shingles, []]).astype(np.int64), ends)
        self.matrix = sp.csr_matrix(parts, shape=(len(self.shingles), BUCKETS))

    def scores(self, weights: np.ndarray, bias: float) -> np.ndarray:
        """Log-odds by text; short ones have none."""
        return np.asarray(self.matrix @ weights) + bias


class _Learner:
    """Learns templates beside the same harmless texts again and again."""

    def __init__(self, calm: _Texts, readers: _Texts) -> None:
        self._calm = sp.vstack([calm.matrix, readers.matrix])
        self._weights = np.r_[np.ones(calm.matrix.shape[0]), np.full(readers.matrix.shape[0], OWN_HARMLESS)]

    def learn(self, templates: Sequence[_Texts]) -> tuple[np.ndarray, float]:
        """Weights by bucket, rounded as they ship, and the bias."""
        sizes = [each.matrix.shape[0] for each in templates]
        matrix = sp.vstack([*(each.matrix for each in templates), self._calm])
        answers = np.r_[np.ones(sum(sizes)), np.zeros(self._calm.shape[0])]
        shares = [np.full(size, OF_A_TEMPLATE / size) for size in sizes if size]
        model = LogisticRegression(C=STRENGTH, solver="liblinear", random_state=SEED)
        model.fit(matrix, answers, sample_weight=np.concatenate([*shares, self._weights]))
        return _as_shipped(model.coef_[0]), float(model.intercept_[0])


def _thresholds(weights: np.ndarray, bias: float, dev: Mapping[str, _Texts]) -> tuple[float, float]:
    """The scores that `MOST_FLAGGED` of any larger set pass, and a quarter of that."""

    def passed_by(share: float) -> float:
        return max(
            float(np.sort(texts.scores(weights, bias))[::-1][int(share * texts.count)])
            for texts in dev.values()
            if texts.count >= FEWEST_ROWS
        )

    return passed_by(MOST_FLAGGED), passed_by(MOST_FLAGGED / 4)


def _report(
    learner: _Learner,
    templates: Mapping[str, _Texts],
    published: Mapping[str, Sequence[str]],
    learnt: tuple[np.ndarray, float],
    dev: Mapping[str, _Texts],
) -> None:
    groups = join_alike({name: _runs(templates[name].folded) for name in published})
    known = 0
    for group in groups:
        others = [texts for name, texts in templates.items() if name not in group]
        weights, bias = learner.learn(others)
        threshold, _ = _thresholds(weights, bias, dev)
        hits = [float((templates[name].scores(weights, bias) > threshold).sum()) for name in group]
        known += int(sum(hits))
        print(f"left out {', '.join(group)}: {sum(hits) / sum(len(published[n]) for n in group):.2f}")
    total = sum(map(len, published.values()))
    print(f"texts of templates left out: {known} of {total} known, {known / total:.3f}; {len(groups)} groups")
    usual, certain = _thresholds(*learnt, dev)
    for name, texts in sorted(dev.items()):
        scores = texts.scores(*learnt)
        flagged, sure = int((scores > usual).sum()), int((scores > certain).sum())
        print(f"{name}: {flagged} of {texts.count} flagged ({flagged / texts.count:.2%}), {sure} for certain")


def _runs(folded: Sequence[Sequence[str]]) -> set[str]:
    """All runs of four words: two templates have few of them in common by chance."""
    return {" ".join(words[at : at + 4]) for words in folded for at in range(len(words) - 3)}


if __name__ == "__main__":
    main()
