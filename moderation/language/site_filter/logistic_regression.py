"""Fits a penalised logistic regression on a sparse matrix, deterministically, with numpy alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

_MOST_STEPS = 60
_TOLERANCE = 1e-2  # of the largest component of the gradient: less than a hundredth of one example
_MEMORY = 6

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_Step = tuple[Floats, Floats, float]


@dataclass(frozen=True, slots=True)
class Problem:
    """A sparse design matrix with labels (0 or 1), sample weights and offsets (fixed logits) of the rows.

    The matrix is in coordinate form: each of `values` has its place in `rows` and `columns`, sorted by row.
    The penalty is that of a normal prior with mean 0 and standard deviation 1 on the weight of each column.
    """

    rows: Ints
    columns: Ints
    values: Floats
    offsets: Floats
    labels: Floats
    weights: Floats

    @classmethod
    def of(
        cls,
        rows: Sequence[tuple[npt.NDArray[np.uint32], npt.NDArray[np.float32]]],
        *,
        offsets: Sequence[float],
        labels: Sequence[float],
        weights: Sequence[float],
    ) -> "Problem":
        """Build the matrix from sparse rows, given as indices and values."""
        return cls(
            rows=np.repeat(np.arange(len(rows)), [indices.size for indices, _ in rows]),
            columns=np.concatenate([indices for indices, _ in rows]).astype(np.int64),
            values=np.concatenate([values for _, values in rows]).astype(np.float64),
            offsets=np.array(offsets, dtype=np.float64),
            labels=np.array(labels, dtype=np.float64),
            weights=np.array(weights, dtype=np.float64),
        )

    def keep(self, wanted: npt.NDArray[np.bool_]) -> "Problem":
        """The same problem with only the columns for which `wanted` is true."""
        kept = wanted[self.columns]
        return replace(self, rows=self.rows[kept], columns=self.columns[kept], values=self.values[kept])

    def shift(self, weights: Floats) -> "Problem":
        """The same problem with the logits of `weights` added to the offsets."""
        return replace(self, offsets=self.offsets + self.sum_rows(weights))

    def sum_rows(self, weights: Floats) -> Floats:
        """The matrix times `weights`, of which there is one for each column."""
        products = self.values * weights[self.columns]
        return np.bincount(self.rows, products, self.labels.size).astype(np.float64)

    def sum_columns(self, of_rows: Floats, size: int, *, power: int = 1) -> Floats:
        """The transposed matrix, its values raised to `power`, times one number for each row."""
        products = self.values**power * of_rows[self.rows]
        return np.bincount(self.columns, products, size).astype(np.float64)

    def loss(self, weights: Floats) -> tuple[float, Floats]:
        """The penalised log loss of `weights` and its gradient."""
        logits = self.offsets + self.sum_rows(weights)
        losses = np.logaddexp(0.0, np.where(self.labels > 0, -logits, logits))
        expected = 1.0 / (1.0 + np.exp(-np.clip(logits, -40, 40)))
        gradient = self.sum_columns(self.weights * (expected - self.labels), weights.size)
        return float(self.weights @ losses + weights @ weights / 2), gradient + weights


def minimise(problem: Problem, size: int) -> Floats:
    """The weights of `size` columns that minimise the loss; a column that does not occur has weight 0.

    L-BFGS (Nocedal 1980, two-loop recursion) with a backtracking line search. The loss is strictly convex.
    """
    full = np.zeros(size)
    columns, places = np.unique(problem.columns, return_inverse=True)
    if columns.size:
        full[columns] = _descend(replace(problem, columns=places), columns.size)
    return full


def _descend(problem: Problem, size: int) -> Floats:
    weights = np.zeros(size)
    loss, gradient = problem.loss(weights)
    steps: list[_Step] = []
    for _ in range(_MOST_STEPS):
        if np.abs(gradient).max() < _TOLERANCE:
            break
        direction = _search_direction(gradient, steps)
        slope, length = float(gradient @ direction), 1.0
        moved = weights + direction
        new_loss, new_gradient = problem.loss(moved)
        while new_loss > loss + 1e-4 * length * slope and length > 1e-6:
            length /= 2
            moved = weights + length * direction
            new_loss, new_gradient = problem.loss(moved)
        step, change = moved - weights, new_gradient - gradient
        steps = [*steps, (step, change, float(step @ change))][-_MEMORY:]
        weights, loss, gradient = moved, new_loss, new_gradient
    return weights


def _search_direction(gradient: Floats, steps: Sequence[_Step]) -> Floats:
    """The search direction: the negative gradient times the approximate inverse Hessian of the last steps."""
    towards = -gradient
    if not steps:
        return towards / max(1.0, float(np.abs(gradient).max()))
    shares = []
    for step, change, product in reversed(steps):
        shares.append(float(step @ towards) / product)
        towards = towards - shares[-1] * change
    _, change, product = steps[-1]
    towards = towards * (product / float(change @ change))
    for (step, change, product), share in zip(steps, reversed(shares), strict=True):
        towards = towards + (share - float(change @ towards) / product) * step
    return towards
