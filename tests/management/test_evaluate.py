import gzip
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

ROWS = [
    {"text": "You are a stupid worthless idiot and everybody hates you", "label": 1, "set": "ours"},
    {"text": "Shut up, you pathetic moron, nobody asked you", "label": 1, "set": "ours"},
    {"text": "Thank you for the report, the second part was new to me", "label": 0, "set": "ours"},
    {"text": "Does anyone know when the bridge will be open again?", "label": 0},
]
ADVERTISING = [
    {"text": "Cheap pills online, best price http://pills.example/buy", "label": 1, "author": "Cheap pills"},
    {"text": "The bakery at the corner has closed, what a pity", "label": 0, "author": "Ann", "url": ""},
]


def _evaluate(path: Path, *options: str) -> str:
    out, progress = StringIO(), StringIO()
    call_command("evaluate", str(path), *options, stdout=out, stderr=progress)
    return out.getvalue()


def _write(tmp_path: Path, rows: list[dict[str, Any]]) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_it_ranks_abuse_above_plain_talk(tmp_path):
    told = json.loads(_evaluate(_write(tmp_path, ROWS), "--json"))
    assert told["sets"]["all"]["auc"] == 1
    assert told["sets"]["all"]["rows"] == 4
    assert told["sets"]["ours"]["positives"] == 2
    assert told["sets"]["no set"]["auc"] is None
    assert told["sets"]["all"]["false_positives"] == 0
    assert 0 < told["median_ms"] <= told["p99_ms"]


def test_it_tells_what_each_preset_would_hold(tmp_path):
    told = json.loads(_evaluate(_write(tmp_path, ROWS), "--json"))["presets"]
    recalls = [told[name]["all"]["recall"] for name in ("relaxed", "balanced", "strict")]
    assert recalls == sorted(recalls)
    assert recalls[0] > 0
    assert told["strict"]["no set"] == {"recall": None, "false_positives": 0.0}


def test_it_reads_compressed_files_and_judges_advertising(tmp_path):
    path = tmp_path / "rows.jsonl.gz"
    with gzip.open(path, "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in ADVERTISING)
    assert json.loads(_evaluate(path, "--axis", "spam", "--json"))["sets"]["all"]["auc"] == 1


def test_people_get_a_table(tmp_path):
    lines = _evaluate(_write(tmp_path, ROWS)).splitlines()
    assert lines[0].split()[:4] == ["set", "rows", "positive", "AUC"]
    assert [line.split()[0] for line in lines[1:4]] == ["all", "no", "ours"]
    assert "-" in lines[2]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "has no row"),
        ("{", "line 1: not JSON"),
        ('{"text": "a", "label": 0}\n{"label": 1}', "line 2: has no `text`"),
        ('{"text": "a", "label": "spam"}', "line 1: `label` is neither 0 nor 1"),
        ("[]", "line 1: has no `text`"),
    ],
)
def test_a_wrong_file_is_told_by_its_line(tmp_path, content, message):
    path = tmp_path / "rows.jsonl"
    path.write_text(content)
    with pytest.raises(CommandError, match=message):
        _evaluate(path)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(CommandError, match="Cannot read"):
        _evaluate(tmp_path / "none.jsonl")
