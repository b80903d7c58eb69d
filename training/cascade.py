"""Fit how both models speak together: `python -m training.cascade --data DIR`, after either was trained.

Writes `cascade.json`: the shares of their log-odds in the common one, chosen on the dev rows, what a
common log-odds means there, and the hashes of the two files that this holds for.
"""

import argparse
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from moderation.language.cascade import ABUSE, CASCADE_PATH, SHARES, second_logit
from moderation.language.encoder import MODEL, Encoder
from moderation.language.linear import MODEL_PATH, linear_model
from moderation.language.normalise import normalise
from training.calibrate import BENIGN_MIX, describe_axis, mix_weights
from training.features import build_matrix
from training.linear import abuse_rows, all_rows


def fit(folder: Path) -> Mapping[str, object]:
    """Score all English dev rows by both models."""
    rows = all_rows(folder, "dev")
    at, answers = abuse_rows(rows)
    texts = [rows[i].text for i in at]
    model, encoder = linear_model(), Encoder()
    column = model.rows.index(ABUSE)
    first = build_matrix(texts) @ (model.weights[:, column] * model.scales[column]) + model.biases[column]
    second = np.array([second_logit(encoder.judge(normalise(text).text)) for text in texts])
    logits = SHARES["linear"] * first + SHARES["encoder"] * second
    return {
        "linear": hashlib.sha256(MODEL_PATH.read_bytes()).hexdigest(),
        "encoder": hashlib.sha256(MODEL.read_bytes()).hexdigest(),
        ABUSE: describe_axis(logits, answers, mix_weights([rows[i].source for i in at], answers, BENIGN_MIX)),
    }


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with abuse.dev.jsonl.gz")
    parser.add_argument("--out", type=Path, default=CASCADE_PATH)
    given = parser.parse_args()
    given.out.write_text(json.dumps(fit(given.data), indent=2) + "\n")


if __name__ == "__main__":
    main()
