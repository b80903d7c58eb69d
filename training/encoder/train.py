"""The training loop: masked cross-entropy, AdamW, checkpoints, resume, pauses."""

import itertools
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from moderation.language.models.wordpiece import WordPieces
from training.encoder.base import WIDTH
from training.encoder.bert import Params, forward
from training.encoder.rows import LENGTHS, Batch, Batches, Example
from training.encoder.scores import score_sets

RATES = {"body": 1.5e-4, "head": 1e-3}
_WARM_UP = 0.06
_MOMENTS = (0.9, 0.98)
_DROPOUT = 0.1
_LOG_EVERY = 20
_SCORINGS = 3
_CHECKPOINT_EVERY = 100
_DEV_ROWS_PER_SET = 250


class Trainer:
    """One run over `batches`, written to `folder`: `checkpoint.npz` (weights, optimiser, step) and
    `log.jsonl`. Continues from the checkpoint when there is one. Waits while the file named by the
    environment's `PAUSE_FILE` exists. `rate` multiplies `RATES`.
    """

    def __init__(
        self, folder: Path, params: Params, batches: Batches, *, epochs: int, seed: int, rate: float = 1.0
    ) -> None:
        self.folder, self.step, self.seed, self.epochs = folder, 0, seed, epochs
        self.steps = len(batches) * epochs
        self._batches = batches
        self._rates = {name: _rate(peak * rate, self.steps) for name, peak in RATES.items()}
        optimiser = _optimiser(self._rates)
        self._body = {name: part for name, part in params.items() if name != "tokens"}
        self._tokens = Embeddings(params["tokens"])
        self._state = optimiser.init(self._body)
        self._update = _jit_update(optimiser)
        self._resume()

    @property
    def params(self) -> Params:
        """All weights as they are now."""
        return self._body | {"tokens": self._tokens.rows}

    def run(self, splitter: WordPieces, dev: Sequence[Example]) -> Params:
        """Train to the end; the parameters then also stand in the checkpoint."""
        random = np.random.default_rng([self.seed, self.step])
        score_at = {self.steps * part // _SCORINGS for part in range(1, _SCORINGS + 1)}
        losses: list[float] = []
        began = time.monotonic()
        for batch in itertools.islice(self._all_batches(), self.step, None):
            _wait_for_quiet()
            losses.append(self._train_on(batch, random))
            self.step += 1
            if self.step % _LOG_EVERY == 0:
                self._log(loss=float(np.mean(losses)), s_per_step=(time.monotonic() - began) / len(losses))
                losses, began = [], time.monotonic()
            if self.step % _CHECKPOINT_EVERY == 0 or self.step == self.steps:
                self._save()
            if self.step in score_at:
                predicted = lambda rows: predict(self.params, splitter, rows)  # noqa: E731
                self._log(dev=score_sets(predicted, dev, _DEV_ROWS_PER_SET))
        return self.params

    def _all_batches(self) -> Iterator[Batch]:
        for epoch in range(self.epochs):
            yield from self._batches.epoch(self.seed, epoch)

    def _train_on(self, batch: Batch, random: np.random.Generator) -> float:
        kept = random.random((len(batch.ids), 2 * WIDTH), dtype=np.float32) >= _DROPOUT
        keep = kept.astype(np.float32) / (1 - _DROPOUT)
        tokens = self._tokens.rows[batch.ids]
        arrays = (tokens, batch.mask, batch.targets, batch.weights, keep)
        self._body, self._state, loss, gradient = self._update(self._body, self._state, *arrays)
        self._tokens.update(batch.ids, np.asarray(gradient), float(self._rates["body"](self.step)), self.step)
        return float(loss)

    def _log(self, **entry: Any) -> None:
        line = json.dumps({"step": self.step, "of": self.steps, "time": time.strftime("%H:%M:%S")} | entry)
        print(line, flush=True)
        with open(self.folder / "log.jsonl", "a", encoding="utf-8") as log:
            log.write(line + "\n")

    def _save(self) -> None:
        leaves = jax.tree.leaves((self.params, self._state, self._tokens.moments))
        draft = self.folder / "checkpoint.part"
        with open(draft, "wb") as file:
            arrays = {f"{index:04}": np.asarray(leaf) for index, leaf in enumerate(leaves)}
            np.savez(file, allow_pickle=False, step=np.array(self.step), **arrays)
        draft.replace(self.folder / "checkpoint.npz")

    def _resume(self) -> None:
        path = self.folder / "checkpoint.npz"
        if path.exists():
            like = (self.params, self._state, self._tokens.moments)
            (params, self._state, moments), self.step = read_checkpoint(path, like)
            self._body = {name: part for name, part in params.items() if name != "tokens"}
            self._tokens = Embeddings(params["tokens"], moments)


class Embeddings:
    """The rows of the vocabulary and their Adam moments; only rows that a batch uses are touched."""

    def __init__(self, rows: Any, moments: Any = None) -> None:
        self.rows = np.array(rows)
        self.moments = [np.array(moment) for moment in moments or [np.zeros_like(self.rows)] * 2]

    def update(self, ids: Any, gradient: Any, rate: float, step: int) -> None:
        """One step of Adam; `gradient` (rows, pieces, WIDTH) belongs to `ids` (rows, pieces)."""
        order = np.argsort(ids, axis=None, kind="stable")
        used, starts = np.unique(ids.ravel()[order], return_index=True)
        slopes = np.add.reduceat(gradient.reshape(-1, gradient.shape[-1])[order], starts)
        sizes = []
        for moment, decay, value in zip(self.moments, _MOMENTS, (slopes, slopes * slopes), strict=True):
            moment[used] = decay * moment[used] + (1 - decay) * value
            sizes.append(moment[used] / (1 - decay ** (step + 1)))
        self.rows[used] -= rate * sizes[0] / (np.sqrt(sizes[1]) + 1e-8)


def read_checkpoint(path: Path, like: Any) -> tuple[Any, int]:
    """The tree of the checkpoint, shaped as `like` (a prefix of its leaves will do), and its step."""
    with np.load(path, allow_pickle=False) as saved:
        leaves, shape = jax.tree.flatten(like)
        found = [jnp.asarray(saved[f"{index:04}"]) for index in range(len(leaves))]
        return jax.tree.unflatten(shape, found), int(saved["step"])


def predict(
    params: Params,
    splitter: WordPieces,
    examples: Sequence[Example],
    lengths: Sequence[int] = LENGTHS,
) -> Any:
    """Logits (rows, outputs), texts padded to one of `lengths` and cut to the last."""
    blank = np.zeros((len(examples), params["head"]["b"].shape[0]), np.float32)
    logits = blank.copy()
    body = {name: part for name, part in params.items() if name != "tokens"}
    tokens = np.asarray(params["tokens"])
    for rows, batch in Batches(examples, splitter, blank, lengths).in_order():
        logits[rows] = np.asarray(_jit_forward(body, tokens[batch.ids], batch.mask))[: len(rows)]
    return logits


_jit_forward = jax.jit(forward)


def _rate(peak: float, steps: int) -> Any:
    """Up in a line, then down by a cosine to a twentieth."""
    return optax.warmup_cosine_decay_schedule(0.0, peak, int(steps * _WARM_UP) + 1, steps + 1, peak / 20)


def _optimiser(rates: Mapping[str, Any]) -> optax.GradientTransformation:
    kinds = {
        name: optax.adamw(rate, b1=_MOMENTS[0], b2=_MOMENTS[1], weight_decay=0.01)
        for name, rate in rates.items()
    }
    return optax.chain(optax.clip_by_global_norm(1.0), optax.multi_transform(kinds, _kinds_of))


def _kinds_of(body: Params) -> Params:
    """Which of `RATES` each weight learns at."""
    return {
        name: jax.tree.map(lambda _, name=name: "head" if name == "head" else "body", part)
        for name, part in body.items()
    }


def _jit_update(optimiser: optax.GradientTransformation) -> Any:
    def loss(body: Params, tokens: Any, mask: Any, targets: Any, weights: Any, keep: Any) -> Any:
        logits = forward(body, tokens, mask, keep)
        entropy = optax.sigmoid_binary_cross_entropy(logits, targets)
        return (entropy * weights).sum() / weights.sum()

    def update(body: Params, state: Any, *arrays: Any) -> Any:
        value, (slopes, gradient) = jax.value_and_grad(loss, argnums=(0, 1))(body, *arrays)
        changes, state = optimiser.update(slopes, state, body)
        return optax.apply_updates(body, changes), state, value, gradient

    return jax.jit(update, donate_argnums=(0, 1))


def _wait_for_quiet() -> None:
    path = os.environ.get("PAUSE_FILE")
    while path and Path(path).exists():
        time.sleep(2)
