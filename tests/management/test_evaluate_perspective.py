import gzip
import json
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from moderation.engine.attribute_scale import scale_version
from moderation.management.commands.evaluate_perspective import compare

ROWS = [
    {"text": "You are a stupid worthless idiot and everybody hates you", "split": "dev", "perspective": 0.97},
    {"text": "Shut up, you pathetic moron, nobody asked you", "split": "dev", "perspective": 0.9},
    {"text": "Thank you for the report, the second part was new to me", "split": "dev", "perspective": 0.02},
    {"text": "Does anyone know when the bridge will be open again?", "split": "dev", "perspective": 0.03},
    {"text": "A row of the other split", "split": "train", "perspective": 0.5},
]


def _evaluate(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("evaluate_perspective", str(path), *options, stdout=out, stderr=StringIO())
    return out.getvalue()


def _write(tmp_path: Path, rows: list[dict[str, Any]]) -> Path:
    path = tmp_path / "rows.jsonl.gz"
    with gzip.open(path, "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    return path


def test_it_compares_the_rows_of_one_split(tmp_path: Path) -> None:
    told = json.loads(_evaluate(_write(tmp_path, ROWS), "--json"))
    assert (told["rows"], told["split"], told["auc"]) == (4, "dev", 1)
    assert told["over"]["0.5"] == {"perspective": 0.5, "ours": 0.5}
    assert 0.5 < told["rank_correlation"] <= 1


def test_it_tells_what_scores_are_without_the_encoder(tmp_path: Path) -> None:
    path = _write(tmp_path, ROWS)
    versions = [json.loads(_evaluate(path, "--json", *more))["version"] for more in ((), ("--linear-alone",))]
    assert versions == [scale_version(), "1-linear"]


def test_it_can_leave_out_the_rows_on_which_a_number_was_set(tmp_path: Path) -> None:
    path = _write(tmp_path, [{**ROWS[0], "text": "A"}, ROWS[1], {**ROWS[2], "text": "B"}, ROWS[3]])
    told = json.loads(_evaluate(path, "--json", "--every-other"))
    assert told["rows"] == 2
    assert told["over"]["0.9"]["perspective"] == 0.5


def test_people_get_a_table(tmp_path: Path) -> None:
    told = _evaluate(_write(tmp_path, ROWS))
    assert "| 0.5 or more | 50.00% | 50.00% |" in told
    assert "AUC" in told


def test_figures_are_those_of_the_scores() -> None:
    told = compare(np.array([0.1, 0.55, 0.75, 0.95]), np.array([0.2, 0.1, 0.85, 0.92]))
    assert told["over"] == {
        "0.5": {"perspective": 0.75, "ours": 0.5},
        "0.7": {"perspective": 0.5, "ours": 0.5},
        "0.8": {"perspective": 0.25, "ours": 0.5},
        "0.9": {"perspective": 0.25, "ours": 0.25},
    }
    assert (told["rank_correlation"], told["auc"]) == (0.8, 0.667)
    assert compare(np.array([0.1, 0.2]), np.array([0.2, 0.1]))["auc"] is None


def test_without_a_file_it_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="JSON lines with `text`, `split`"):
        call_command("evaluate_perspective")
    with pytest.raises(CommandError, match="Cannot read"):
        _evaluate(tmp_path / "nowhere.jsonl")
    with pytest.raises(CommandError, match="no two rows"):
        _evaluate(_write(tmp_path, ROWS), "--split", "test")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "line 1: not JSON"),
        ("[]", "line 1: has no `text`"),
        ('{"text": "a", "split": "dev"}', "line 1: `perspective` is no score"),
        ('{"text": "a", "split": "dev", "perspective": true}', "line 1: `perspective` is no score"),
        ('{"text": "a", "split": "dev", "perspective": 1.1}', "line 1: `perspective` is no score"),
    ],
)
def test_a_line_that_is_wrong_is_named(tmp_path: Path, line: str, problem: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(CommandError, match=problem):
        _evaluate(path)
