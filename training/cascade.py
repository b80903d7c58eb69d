"""Fit how both models speak together: `python -m training.cascade --data DIR`, after either was trained.

Writes `cascade.json`: what the common log-odds of abuse means on the dev rows, which log-odds of single
heads so many harmless comments pass there, and the hashes of the two files that this holds for.
"""

import argparse
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from moderation.language.fold.normalise import normalise
from moderation.language.models.cascade import CASCADE_PATH, combine_abuse, combine_head
from moderation.language.models.encoder import MODEL, Encoder
from moderation.language.models.heads import SINGLE_HEADS, Head
from moderation.language.models.linear import ABUSE, MODEL_PATH, linear_model
from training.calibrate import BENIGN_MIX, HEAD_MIX, describe_axis, mix_weights, threshold_at
from training.linear import abuse_rows, all_rows, judge_all


def fit(folder: Path) -> Mapping[str, object]:
    """Score all English dev rows by both models."""
    rows = all_rows(folder, "dev")
    at, answers = abuse_rows(rows)
    texts = [rows[i].text for i in at]
    weights = mix_weights([rows[i].source for i in at], answers, BENIGN_MIX)
    model = linear_model()
    linear = judge_all(texts, model)
    encoder = Encoder()
    opinions = [encoder.judge(normalise(text).text) for text in texts]
    logits = np.array(
        [combine_abuse(own, opinion) for own, opinion in zip(linear[ABUSE], opinions, strict=True)]
    )

    def line(head: Head, values: np.ndarray) -> dict[str, float]:
        """What is harmless to a head is harmless here: by the rows that answer it."""
        own = np.array([index for index, i in enumerate(at) if head in rows[i].heads])
        told = np.array([rows[at[index]].heads[head] for index in own])
        mix = mix_weights([rows[at[index]].source for index in own], told, HEAD_MIX)
        shares = {"one_in_100": 0.01, "one_in_1000": 0.001}
        return {name: threshold_at(values[own], told, mix, share) for name, share in shares.items()}

    lines: dict[str, dict[str, dict[str, float]]] = {"linear": {}, "both": {}}
    for head in SINGLE_HEADS:
        known = model.header["calibration"][head]
        odds = known["a"] * linear[head] + known["b"]
        lines["linear"][head] = line(head, odds)
        lines["both"][head] = line(
            head,
            np.array([combine_head(own, opinion, head) for own, opinion in zip(odds, opinions, strict=True)]),
        )
    return {
        "linear": hashlib.sha256(MODEL_PATH.read_bytes()).hexdigest(),
        "encoder": hashlib.sha256(MODEL.read_bytes()).hexdigest(),
        ABUSE: describe_axis(logits, answers, weights),
        "lines": lines,
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
