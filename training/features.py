"""Texts as a sparse matrix of hashed n-grams, exactly as the service sees them."""

from collections.abc import Sequence
from multiprocessing import Pool

import numpy as np
import scipy.sparse as sp

from moderation.language.fold.normalise import normalise
from moderation.language.models.hashing import BUCKETS, hash_grams
from moderation.language.models.shape import shape_features


def _grams(text: str) -> tuple[np.ndarray, np.ndarray]:
    folded = normalise(text)
    grams = hash_grams(folded.text, shape_features(folded))
    return grams.buckets.astype(np.int32), grams.values


def build_matrix(texts: Sequence[str], processes: int = 2) -> sp.csr_matrix:
    """One line a text, `BUCKETS` columns, float32."""
    with Pool(processes) as pool:
        rows = pool.map(_grams, texts, chunksize=500)
    ends = np.cumsum([0, *(buckets.size for buckets, _ in rows)])
    data = (
        np.concatenate([values for _, values in rows]),
        np.concatenate([buckets for buckets, _ in rows]),
        ends,
    )
    matrix = sp.csr_matrix(data, shape=(len(texts), BUCKETS), dtype=np.float32)
    matrix.sum_duplicates()
    return matrix


def rarity(matrix: sp.csr_matrix) -> np.ndarray:
    """The smoothed inverse document frequency of each bucket: rare n-grams say more."""
    seen = np.bincount(matrix.indices, minlength=BUCKETS)
    return (np.log((1 + matrix.shape[0]) / (1 + seen)) + 1).astype(np.float32)
