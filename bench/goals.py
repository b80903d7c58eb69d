"""The goals that development rows can speak to, each beside what was measured and what is missing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

Sets = Mapping[str, Mapping[str, Any]]
YOUTUBE = ("yt_psy", "yt_katy", "yt_lmfao", "yt_eminem")
ELSEWHERE = (
    "Goals on insults, Fox News, ETHOS, HateCheck, HatemojiCheck, Wikipedia, madlibs and DataCamp need the "
    "public suites, whose rows are kept out of development: `manage.py evaluate FILE` measures them. "
    "Disguises: `python3 run.py bench disguise`. Spun templates: `python3 run.py bench spun`. Speed, size, "
    "and memory: `python3 run.py bench checks`."
)


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure of one file of rows. `least` is what is acceptable, `best` what is hoped for."""

    name: str
    rows: str  # "abuse", "spam", "abuse measured", "own"
    sets: Sequence[str]
    figure: str
    least: float
    best: float
    is_less_better: bool = False

    def measured(self, found: Mapping[str, Sets]) -> float | None:
        """The mean over the sets; None where a set has no such figure."""
        values = [found.get(self.rows, {}).get(name, {}).get(self.figure) for name in self.sets]
        known = [float(value) for value in values if value is not None]
        return fmean(known) if len(known) == len(values) else None

    def missing(self, value: float) -> float:
        """How much is missing to what is acceptable; 0 where it is reached."""
        return max(0.0, value - self.least if self.is_less_better else self.least - value)


def _at_both_lines(name: str, rows: str, of: str, least: float, best: float) -> tuple[Goal, Goal]:
    """Macro-F1 at the product's threshold and at the set's best one, which shows what the ranking allows."""
    return (
        Goal(f"{name}, macro-F1 at the product's threshold", rows, (of,), "macro_f1", least, best),
        Goal(f"{name}, macro-F1 at its own best threshold", rows, (of,), "best_macro_f1", least, best),
    )


GOALS = (
    *_at_both_lines("EDOS", "abuse", "edos", 0.79, 0.835),
    Goal("ConvAbuse, AUC", "abuse", ("convabuse",), "auc", 0.965, 0.98),
    *_at_both_lines("GermEval 2018", "abuse", "germeval18", 0.72, 0.76),
    *_at_both_lines("GermEval 2021", "abuse measured", "germeval21", 0.61, 0.66),
    *_at_both_lines("L-HSAB Arabic", "abuse measured", "lhsab", 0.81, 0.86),
    *_at_both_lines("OLID", "abuse measured", "olid", 0.77, 0.815),
    Goal("YouTube, AUC of the shipped model", "spam", YOUTUBE, "auc", 0.985, 0.997),
    Goal("YouTube, recall at 1 %", "spam", YOUTUBE, "recall_at_1", 0.90, 0.96),
    Goal("calibration error, sets trained on", "abuse", ("all",), "calibration_error", 0.03, 0.02, True),
    Goal("calibration error, others", "abuse measured", ("all",), "calibration_error", 0.10, 0.06, True),
    Goal("harmless sentences held", "own", ("all",), "held", 0.04, 0.01, True),
    Goal("spread between groups", "own", ("all",), "spread", 0.08, 0.02, True),
    Goal("marked words, character F1", "own", ("all",), "character_f1", 0.55, 0.64),
)


def goal_rows(found: Mapping[str, Sets], tell: Callable[[float], str]) -> Iterator[str]:
    """The lines of the table and what stands below it."""
    yield from ("", "## Goals", "")
    yield "| goal | measured | acceptable | hoped for | short of acceptable |"
    yield "|---|---|---|---|---|"
    for goal in GOALS:
        value = goal.measured(found)
        if value is None:
            yield f"| {goal.name} | not measured | {tell(goal.least)} | {tell(goal.best)} | - |"
            continue
        missing = goal.missing(value)
        yield (
            f"| {goal.name} | {tell(value)} | {tell(goal.least)} | {tell(goal.best)} | "
            f"{tell(missing) if missing else 'reached'} |"
        )
    yield ""
    yield (
        "The product's threshold for holding is set at one harmless comment in 100 and is not tuned to any "
        "set; a set's own best threshold is found on its rows and shows what the ranking allows. The "
        "calibration assumes that one comment in ten is abusive, and these sets contain three to six times "
        "as many. " + ELSEWHERE
    )
