"""How well the engine judges: `python3 run.py bench evaluation --data DIR [--write]`.

Runs `manage.py evaluate` over the labelled development files in `DIR` and over the contrast rows that
no training saw, with the linear layer alone and with both models, and puts the figures beside what is
asked of them. `--write` makes `docs/evaluation.md` of it. Takes some ten minutes.
"""

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from bench import spans
from bench.goals import goal_rows
from training.contrast import generate
from training.contrast.swaps import swap_terms

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "evaluation.md"
SEED = 7  # training and calibration draw their rows with another
CONTRAST_ROWS = 16_000
Figures = Mapping[str, Any]

# In-domain AUC on the development rows: linear layer alone, and both models.
FLOORS: Mapping[str, tuple[float, float]] = {
    "davidson": (0.97, 0.97),
    "edos": (0.82, 0.84),
    "convabuse": (0.93, 0.95),
    "stormfront": (0.85, 0.86),
    "germeval18": (0.77, 0.77),
}
SPAM_FLOOR = 0.985
MOST_HAM_CALLED_SPAM = 0.01
MOST_HARMLESS_HELD = 0.02
MOST_SPREAD = 0.04
SWAP_SEEDS = range(5)  # other words around the same groups


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(prog="run.py bench evaluation", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with abuse.dev.jsonl.gz")
    parser.add_argument("--spans", type=Path, help="the folder with tsd_trial.csv, to judge highlights")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    page = "\n".join(build_page(options.data, options.spans)) + "\n"
    if options.write:
        PAGE.write_text(page)
    else:
        print(page)


def build_page(data: Path, spans_from: Path | None) -> Iterator[str]:
    """The lines of the page."""
    yield "# How well the engine judges"
    yield ""
    yield (
        "Made by `python3 run.py bench evaluation --data DIR --write`, where `DIR` holds the labelled sets "
        "(`abuse.dev.jsonl.gz` and the others) that are not part of this repository. "
        "No model was trained on any row here. But thresholds, calibration and the weights of the two models "
        "were chosen on the rows of `abuse.dev`, so the independent test is the sets under “measured only”. "
        "Every figure is of the whole engine with the default policy; “linear” means without the encoder. "
        "“R@1 %” is the recall at the lowest threshold that at most 1 % of the harmless rows reach, “best” "
        "the macro-F1 at the set's best threshold, and “ECE” the expected calibration error. Bold figures "
        "miss what is required."
    )
    with tempfile.TemporaryDirectory() as folder:
        yield from _abuse(data)
        yield from _spam(data, Path(folder))
        own = yield from _contrast(Path(folder))
    yield from _presets(data)
    if spans_from:
        own["character_f1"] = spans.measure(spans_from)["explained in any case"]
    found = {
        "abuse": evaluate(data / "abuse.dev.jsonl.gz", "abuse")["sets"],
        "spam": evaluate(data / "spam.dev.jsonl.gz", "spam")["sets"],
        "own": {"all": own},
    }
    measured = data / "measure_only.abuse.dev.jsonl.gz"
    if measured.exists():
        found["abuse measured"] = evaluate(measured, "abuse")["sets"]
    yield from goal_rows(found, _cell)


def _abuse(data: Path) -> Iterator[str]:
    linear = evaluate(data / "abuse.dev.jsonl.gz", "abuse", "--linear-alone")
    both = evaluate(data / "abuse.dev.jsonl.gz", "abuse")
    yield from ("", "## Abuse: development rows", "")
    yield (
        "| set | rows | AUC linear | required | AUC both | required "
        "| R@1 % | R@5 % | macro-F1 | best | false positives | ECE |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|---|---|"
    for name, figures in both["sets"].items():
        alone = linear["sets"][name]
        asked = FLOORS.get(name)
        yield _row(
            name,
            figures["rows"],
            _told(alone["auc"], asked and asked[0]),
            asked[0] if asked else "",
            _told(figures["auc"], asked and asked[1]),
            asked[1] if asked else "",
            *(figures[key] for key in ("recall_at_1", "recall_at_5", "macro_f1", "best_macro_f1")),
            *(figures[key] for key in ("false_positives", "calibration_error")),
        )
    yield ""
    yield (
        f"A row takes {linear['median_ms']} ms with the linear layer alone and {both['median_ms']} ms "
        f"with both models (medians; 99 of 100 rows take at most {linear['p99_ms']} and {both['p99_ms']} "
        "ms), all other checks included."
    )
    yield from _measured_only(data, "abuse")


def _measured_only(data: Path, axis: str) -> Iterator[str]:
    path = data / f"measure_only.{axis}.dev.jsonl.gz"
    if not path.exists():
        return
    yield from ("", f"## {axis.capitalize()}: measured only", "")
    yield "| set | rows | AUC | R@1 % | R@5 % | macro-F1 | best | recall | false positives | ECE |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for name, figures in evaluate(path, axis)["sets"].items():
        yield _row(name, *(value for key, value in figures.items() if key != "positives"))


def _spam(data: Path, folder: Path) -> Iterator[str]:
    found = evaluate(data / "spam.dev.jsonl.gz", "spam")
    yield from ("", "## Spam: development rows", "")
    yield "| set | rows | AUC | R@1 % | R@5 % | macro-F1 | best | recall | false positives | ECE |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for name, figures in found["sets"].items():
        yield _row(name, *(value for key, value in figures.items() if key != "positives"))
    ham = [row for row in _rows(data / "abuse.dev.jsonl.gz") if row["label"] == 0]
    called = evaluate(_write(folder / "ham.jsonl", ham), "spam")["sets"]["all"]["false_positives"]
    yield ""
    over_all = _told(found["sets"]["all"]["auc"], SPAM_FLOOR)
    yield f"- AUC over all spam rows: {over_all} (required: {SPAM_FLOOR})."
    yield (
        f"- Harmless rows of `abuse.dev` that are held, or worse, because they look like spam: "
        f"{_told(called, MOST_HAM_CALLED_SPAM, most=True)} of {len(ham)} "
        f"(required: at most {MOST_HAM_CALLED_SPAM})."
    )
    yield from _measured_only(data, "spam")


def _presets(data: Path) -> Iterator[str]:
    """What each preset stops; `moderation/engine/verdict/presets.py` tells it to people."""
    measured = data / "measure_only.abuse.dev.jsonl.gz"
    abuse = evaluate(data / "abuse.dev.jsonl.gz", "abuse")["presets"]
    spam = evaluate(data / "spam.dev.jsonl.gz", "spam")["presets"]
    others = evaluate(measured, "abuse")["presets"] if measured.exists() else {}
    yield from ("", "## Presets", "")
    yield (
        "The shares that each preset holds. Toxic news comments are the set `civilspans`; the harmless rows "
        "and the last column are all rows of “measured only” above."
    )
    yield ""
    yield "| preset | toxic news comments | all abuse | spam | harmless rows | abuse measured only |"
    yield "|---|---|---|---|---|---|"
    for name, sets in abuse.items():
        last = others.get(name, {}).get("all", {})
        yield _row(
            name,
            sets["civilspans"]["recall"],
            sets["all"]["recall"],
            spam[name]["all"]["recall"],
            last.get("false_positives"),
            last.get("recall"),
        )


def _contrast(folder: Path) -> Generator[str, None, dict[str, float]]:
    """The lines, and as its return value the figures that goals ask for."""
    rows = [
        {"text": row.text, "label": row.label, "set": row.kind, "term": row.term, "harmless": row.harmless}
        for row in generate("test", SEED, CONTRAST_ROWS)
        if row.heads.get("spam") != 1
    ]
    yield from ("", "## Talk about people and violence that attacks nobody", "")
    yield (
        "The rows come from templates of our own (`training/contrast`, split `test`). Their sentences are "
        "not in training, nor is a quarter of the groups."
    )
    by_kind = evaluate(_write(folder / "contrast.jsonl", rows), "abuse")["sets"]
    harmless = [row for row in rows if row["harmless"]]
    held = evaluate(_write(folder / "harmless.jsonl", harmless), "abuse")["sets"]["all"]
    yield ""
    yield (
        f"- Harmless rows held: {_told(held['false_positives'], MOST_HARMLESS_HELD, most=True)} "
        f"of {held['rows']} (required: at most {MOST_HARMLESS_HELD})."
    )
    spread = yield from _spread(folder)
    yield ""
    yield "| kind | rows | held, of the abusive | held, of the harmless |"
    yield "|---|---|---|---|"
    for name, figures in by_kind.items():
        yield _row(name, figures["rows"], figures["recall"], figures["false_positives"])
    return {"held": held["false_positives"], "spread": spread}


def _spread(folder: Path) -> Generator[str, None, float]:
    """How differently the same harmless sentences are treated from group to group."""
    rows = [
        {"text": row.text, "label": 0, "set": row.term}
        for seed in SWAP_SEEDS
        for row in swap_terms("test", seed)
    ]
    by_term = evaluate(_write(folder / "terms.jsonl", rows), "abuse")["sets"]
    held = {name: figures["false_positives"] for name, figures in by_term.items() if name != "all"}
    most, least = max(held, key=lambda name: held[name]), min(held, key=lambda name: held[name])
    yield (
        f"- The same {len(rows) // len(held)} harmless sentences about each of {len(held)} groups: between "
        f"{held[least]:.3f} ({least}) and {held[most]:.3f} ({most}) of them are held, and "
        f"{by_term['all']['false_positives']:.3f} of all; the spread is "
        f"{_told(held[most] - held[least], MOST_SPREAD, most=True)} (required: at most {MOST_SPREAD})."
    )
    return float(held[most] - held[least])


@cache
def evaluate(path: Path, axis: str, *more: str) -> Figures:
    """What `manage.py evaluate` says of a file; asked once."""
    command = [
        sys.executable,
        str(ROOT / "manage.py"),
        "evaluate",
        str(path),
        "--axis",
        axis,
        "--json",
        *more,
    ]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=ROOT)
    figures: Figures = json.loads(done.stdout)
    return figures


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _write(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def _row(*cells: object) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _told(value: float | None, asked: float | None, *, most: bool = False) -> str:
    """A figure, bold where it misses what is asked."""
    if value is None:
        return "-"
    misses = asked is not None and (value > asked if most else value < asked)
    return f"**{value:.3f}**" if misses else f"{value:.3f}"


if __name__ == "__main__":
    main()
