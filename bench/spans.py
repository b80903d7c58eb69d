"""How well highlights hit the words that people call toxic: `python3 run.py bench spans --data DIR [--json]`.

`DIR` holds `tsd_trial.csv` of SemEval-2021 task 5 (columns `spans`: places of characters, `text`). Per
text the F1 of the marked characters against people's, averaged over all texts; where people marked
nothing, 1 if nothing was marked and 0 otherwise (the task's own measure). Shown: the highlights
of the checks' signals, and what the models would mark if each text were to be explained.
"""

import argparse
import csv
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import fmean

from moderation.domain.signals import Axis, Field, Span
from moderation.engine.checks.model import Model
from moderation.engine.checks.wordlist import Wordlist
from moderation.engine.facts import Context, SiteFacts
from moderation.language.fold.normalise import normalise
from moderation.language.models.judgement import explain_axis, judge
from moderation.language.models.linear import ABUSE

_FILE = "tsd_trial.csv"
_CHECKS = (Model(), Wordlist())
Places = set[int]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="run.py bench spans", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help=f"the folder with {_FILE}")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = measure(options.data)
    if options.json:
        print(json.dumps({"character_f1": figures}))
        return
    print("character F1")
    for name, figure in figures.items():
        print(f"{name:24} {figure:.3f}")


def measure(folder: Path) -> dict[str, float]:
    """The mean F1 of each way of marking."""
    with (folder / _FILE).open(newline="", encoding="utf-8") as file:
        rows = [(row["text"], set(json.loads(row["spans"]))) for row in csv.DictReader(file)]
    return {name: _score(rows, mark) for name, mark in MARKERS.items()}


def character_f1(found: Places, marked: Places) -> float:
    """Of one text (Da San Martino et al. 2019, as SemEval-2021 task 5 uses it)."""
    if not marked:
        return float(not found)
    hits = len(found & marked)
    return 2 * hits / (len(found) + len(marked))


def mark_signals(text: str) -> Places:
    """The characters that signals of abuse mark, as a moderator sees them."""
    context = Context(text, normalise(text), "", "", "", SiteFacts(site_id=""))
    spans = [
        span
        for check in _CHECKS
        for signal in check.run(context)
        if signal.axis == Axis.ABUSE
        for span in signal.spans
        if span.field == Field.BODY
    ]
    return _places(spans)


def mark_always(text: str) -> Places:
    """The same, and where no signal marks anything, the words that speak most for abuse."""
    found = mark_signals(text)
    if found:
        return found
    folded = normalise(text)
    return _places(explain_axis(folded, judge(folded), ABUSE))


def _places(spans: Iterable[Span]) -> Places:
    return {place for span in spans for place in range(span.start, span.end)}


MARKERS: dict[str, Callable[[str], Places]] = {"signals": mark_signals, "explained in any case": mark_always}


def _score(rows: list[tuple[str, Places]], mark: Callable[[str], Places]) -> float:
    return round(fmean(character_f1(mark(text), marked) for text, marked in rows), 3)


if __name__ == "__main__":
    main()
