from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
pytest.importorskip("jax")

from training.encoder.base import WIDTH
from training.encoder.bert import forward
from training.encoder.graph import build_model, quantise
from training.encoder.train import Embeddings

WORDS, INNER = 50, 4 * WIDTH
random = np.random.default_rng(3)


def dense(inputs: int, outputs: int) -> dict[str, Any]:
    return {
        "w": random.normal(0, 0.05, (inputs, outputs)).astype(np.float32),
        "b": random.normal(0, 0.05, outputs).astype(np.float32),
    }


def norm() -> dict[str, Any]:
    return {"g": np.ones(WIDTH, np.float32), "b": random.normal(0, 0.1, WIDTH).astype(np.float32)}


def layer() -> dict[str, Any]:
    shapes = {"qkv": (WIDTH, 3 * WIDTH), "out": (WIDTH, WIDTH), "up": (WIDTH, INNER), "down": (INNER, WIDTH)}
    return {name: dense(*shape) for name, shape in shapes.items()} | {"norm1": norm(), "norm2": norm()}


def params() -> dict[str, Any]:
    tokens, places = (random.normal(0, 1, (rows, WIDTH)).astype(np.float32) for rows in (WORDS, 96))
    head = dense(2 * WIDTH, 7)
    return {"tokens": tokens, "places": places, "norm": norm(), "layers": [layer(), layer()], "head": head}


def test_the_file_computes_what_the_training_computed():
    import onnxruntime

    weights = params()
    session = onnxruntime.InferenceSession(build_model(weights).SerializeToString())
    for length in (2, 9, 96):
        ids = random.integers(0, WORDS, length)
        (given,) = session.run(None, {"ids": ids})
        padded = np.pad(weights["tokens"][ids], ((0, 4 if length < 90 else 0), (0, 0)))[None]
        mask = (np.arange(padded.shape[1]) < length).astype(np.float32)[None]
        wanted = np.asarray(forward(weights, padded, mask))[0]
        assert np.abs(given - wanted).max() < 0.1 * np.abs(wanted).max()
        assert np.corrcoef(given, wanted)[0, 1] > 0.99


def test_rounded_weights_are_off_by_half_a_step_at_most():
    weights = random.normal(0, 1, (20, 30)).astype(np.float32)
    whole, scales = quantise(weights, axis=0)
    assert scales.shape == (1, 30)
    assert np.abs(whole).max() == 63
    assert (np.abs(whole * scales - weights) <= scales / 2 + 1e-6).all()


def test_only_the_rows_that_a_batch_uses_are_moved_and_against_their_slope():
    rows = np.zeros((5, 3), np.float32)
    table = Embeddings(rows)
    table.update(np.array([[1, 1, 3]]), np.array([[[1.0] * 3, [1.0] * 3, [-1.0] * 3]]), 0.1, 0)
    assert table.rows[[0, 2, 4]].tolist() == rows[:3].tolist()
    assert table.rows[1] == pytest.approx(-0.1, abs=1e-4)
    assert table.rows[3] == pytest.approx(0.1, abs=1e-4)
