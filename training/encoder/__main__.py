"""`python -m training.encoder --data DIR --out DIR`: fine-tune the encoder; run again to resume."""

import argparse
import json
import time
from pathlib import Path

from moderation.language.models.wordpiece import WordPieces
from training.encoder.base import pick_layers, read_base
from training.encoder.contrast import read_contrast
from training.encoder.rows import CAPS, MOST_ROWS, OUTPUTS, Batches, choose, read_english, weigh
from training.encoder.scores import score_sets
from training.encoder.train import Trainer, predict, read_checkpoint
from training.encoder.vocabulary import cut_vocabulary, pick_rows

_CONTRAST_DEV = 2_000


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="training.encoder", description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder of {abuse,spam}.{train,dev}.jsonl.gz"
    )
    parser.add_argument("--out", type=Path, required=True, help="for checkpoints, vocabulary and log")
    parser.add_argument("--start", type=Path, help="folder of an earlier run whose weights are trained on")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--rows", type=int, default=MOST_ROWS)
    parser.add_argument("--contrast", type=int, default=6_500, help="own contrast rows among them")
    parser.add_argument("--swaps", type=int, default=0, help="those of them that swap the group spoken of")
    parser.add_argument("--rate", type=float, default=1.0, help="times the usual learning rates")
    parser.add_argument("--seed", type=int, default=20261)
    parser.add_argument(
        "--raise",
        dest="raised",
        action="append",
        type=_read_raised,
        default=[],
        metavar="SET=FACTOR",
        help="let a set count more than by its size (repeatable)",
    )
    return parser.parse_args()


def _read_raised(text: str) -> tuple[str, float]:
    name, _, factor = text.partition("=")
    return name, float(factor)


def main() -> None:
    """Train, then print the AUC of each set and output over all English rows for development."""
    options = _options()
    options.out.mkdir(parents=True, exist_ok=True)
    base, base_pieces = read_base()
    texts = read_english(options.data, "train")
    known = (options.start or options.out) / "vocabulary.json"
    pieces = (
        json.loads(known.read_text())
        if known.exists()
        else cut_vocabulary(base_pieces, (e.folded for e in texts))
    )
    (options.out / "vocabulary.json").write_text(json.dumps(pieces, ensure_ascii=False))
    splitter = WordPieces(pieces)
    examples = choose(texts, options.seed, CAPS, options.rows - options.contrast)
    examples += read_contrast(options.contrast, options.seed, swaps=options.swaps)
    tokens = pick_rows(base_pieces, base["embeddings.word_embeddings.weight"], pieces)
    params = pick_layers(base, tokens, len(OUTPUTS), options.seed)
    if options.start:
        params, _ = read_checkpoint(options.start / "checkpoint.npz", params)
    batches = Batches(examples, splitter, weigh(examples, dict(options.raised)))
    trainer = Trainer(
        options.out, params, batches, epochs=options.epochs, seed=options.seed, rate=options.rate
    )
    counts = {source: sum(e.source == source for e in examples) for source in {e.source for e in examples}}
    print(
        json.dumps({"seed": options.seed, "rows": counts, "pieces": len(pieces), "steps": trainer.steps}),
        flush=True,
    )
    dev = read_english(options.data, "dev") + read_contrast(_CONTRAST_DEV, 0, "dev")
    began = time.monotonic()
    params = trainer.run(splitter, dev)
    scores = score_sets(lambda rows: predict(params, splitter, rows), dev)
    positives = {name: sum(e.targets[index] == 1 for e in examples) for index, name in enumerate(OUTPUTS)}
    run = vars(options) | {
        "rows": counts,
        "positives": {n: int(c) for n, c in positives.items()},
        "steps": trainer.steps,
        "seconds": round(time.monotonic() - began),
        "dev": scores,
    }
    (options.out / "run.json").write_text(json.dumps(run, default=str, indent=1))
    print(json.dumps(scores, indent=1))


if __name__ == "__main__":
    main()
