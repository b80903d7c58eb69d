"""`python -m training.encoder.export`: write the shipped file, check it against the float weights."""

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np
import onnx
import onnxruntime

from moderation.language.models.wordpiece import MOST_PIECES, WordPieces
from training.encoder.base import LAYERS, NAME, WIDTH, pick_layers, read_base
from training.encoder.contrast import read_contrast
from training.encoder.golden import TEXTS
from training.encoder.graph import build_model
from training.encoder.rows import LENGTHS, OUTPUTS, Example, read_english
from training.encoder.scores import fit_platt, tabulate
from training.encoder.train import predict, read_checkpoint
from training.sources import SOURCES

MOST_BYTES = 12_000_000
MOST_LOST = 0.005  # of the AUC of a set and head
FEWEST_POSITIVES = 50
_CONTRAST_DEV = 2_000
_FEWEST_COMPARED = 100  # rows of each answer: with fewer, the order of two rows moves the area


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="training.encoder.export", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--run", type=Path, required=True, nargs="+", help="folders of the runs, the last last"
    )
    parser.add_argument(
        "--average", type=int, default=1, help="how many of the last runs' weights the file is the mean of"
    )
    parser.add_argument("--to", type=Path, required=True, help="the file to write, ending in .onnx")
    parser.add_argument("--version", required=True, help="the day, and a letter")
    return parser.parse_args()


def main() -> None:
    """Write the file and its checksum; fails when it is too big or ranks worse than its float weights."""
    options = _options()
    runs = [json.loads((folder / "run.json").read_text()) for folder in options.run]
    pieces = json.loads((options.run[-1] / "vocabulary.json").read_text())
    params = _mean([_read_params(run, len(pieces)) for run in options.run[-options.average :]])
    dev = read_english(options.data, "dev") + read_contrast(_CONTRAST_DEV, 0, "dev")
    splitter, taught = WordPieces(pieces), _taught(runs[-1])
    logits = run_model(build_model(params).SerializeToString(), splitter, [example.folded for example in dev])
    exact = predict(params, splitter, dev, (*LENGTHS, MOST_PIECES))
    lost = _most_lost(tabulate(exact, dev, _FEWEST_COMPARED), tabulate(logits, dev, _FEWEST_COMPARED))
    record = _record(options.version, runs) | {
        "dev_auc": tabulate(logits, dev),
        "most_auc_lost_to_int8": round(lost, 4),
    }
    model = build_model(_only(params, taught))
    _write(model, options.to, record, pieces, _calibrate(logits, dev, taught))
    size = options.to.stat().st_size
    print(json.dumps(record | {"dev_auc_float": tabulate(exact, dev), "bytes": size}, indent=1))
    if lost > MOST_LOST or size > MOST_BYTES:
        raise SystemExit(f"Not fit to ship: {lost:.4f} AUC lost, {size} bytes.")


def _record(version: str, runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    kept = ("rows", "seed", "epochs", "rate", "raised", "steps", "seconds")
    return {
        "version": version,
        "base": NAME,
        "layers": LAYERS,
        "runs": [{key: run.get(key) for key in kept} for run in runs],
        "licences": _licences(runs),
    }


def _most_lost(exact: dict[str, dict[str, float]], rounded: dict[str, dict[str, float]]) -> float:
    return max(area - rounded[source][name] for source, line in exact.items() for name, area in line.items())


def _mean(runs: Sequence[Any]) -> Any:
    """The mean of the weights of runs that went on from one another (Wortsman et al. 2022, "Model soups")."""
    return jax.tree_util.tree_map(lambda *values: np.mean(values, axis=0, dtype=np.float32), *runs)


def _read_params(folder: Path, pieces: int) -> Any:
    base, _ = read_base()
    like = pick_layers(base, np.zeros((pieces, WIDTH), np.float32), len(OUTPUTS), 0)
    params, _ = read_checkpoint(folder / "checkpoint.npz", like)
    return jax.tree.map(np.asarray, params)


def run_model(blob: bytes, splitter: WordPieces, texts: Sequence[str]) -> Any:
    """Logits (texts, outputs) of an ONNX file, text by text as the service runs it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(blob, options, providers=["CPUExecutionProvider"])
    return np.stack(
        [session.run(None, {"ids": np.array(splitter.encode(text), np.int64)})[0] for text in texts]
    )


def _taught(run: dict[str, Any]) -> list[str]:
    """The outputs that had examples to learn from; the others are left out of the file."""
    return [name for name in OUTPUTS if run["positives"][name] >= FEWEST_POSITIVES]


def _only(params: Any, taught: Sequence[str]) -> Any:
    kept = [OUTPUTS.index(name) for name in taught]
    head = {"w": params["head"]["w"][:, kept], "b": params["head"]["b"][kept]}
    return params | {"head": head}


def _licences(runs: Sequence[dict[str, Any]]) -> dict[str, str]:
    sources = sorted({source for run in runs for source in run["rows"]})
    return {source: SOURCES[source].licence if source in SOURCES else "own work, MIT" for source in sources}


def _calibrate(logits: Any, dev: Sequence[Example], taught: Sequence[str]) -> list[tuple[str, float, float]]:
    """For each output the slope and shift that make its logits log-odds on the rows for development."""
    targets = np.stack([example.targets for example in dev])
    lines = []
    for name in taught:
        index = OUTPUTS.index(name)
        asked = ~np.isnan(targets[:, index])
        slope, shift = fit_platt(logits[asked, index], targets[asked, index])
        lines.append((name, round(slope, 5), round(shift, 5)))
    return lines


def _write(model: Any, path: Path, record: dict[str, Any], pieces: list[str], outputs: Any) -> None:
    """The file with its notes and golden scores, and its checksum beside it."""
    blob = model.SerializeToString()
    golden = run_model(blob, WordPieces(pieces), TEXTS)
    odds = golden * [line[1] for line in outputs] + [line[2] for line in outputs]
    notes = {
        "record": record,
        "vocabulary": pieces,
        "outputs": outputs,
        "golden": [
            [text, [round(float(value), 5) for value in line]] for text, line in zip(TEXTS, odds, strict=True)
        ],
    }
    onnx.helper.set_model_props(
        model, {name: json.dumps(note, ensure_ascii=False) for name, note in notes.items()}
    )
    blob = model.SerializeToString()
    path.write_bytes(blob)
    path.with_suffix(".sha256").write_text(f"{hashlib.sha256(blob).hexdigest()}  {path.name}\n")


if __name__ == "__main__":
    main()
