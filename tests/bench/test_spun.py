import gzip
import json

import pytest

from bench.spun import main, measure, too_many

SPUN = (
    "Hello admin, I really like your web page, every post here is very informative. I have bookmarked this "
    "website and will come back to read your new articles. Thanks for sharing this great information!"
)
CALM = "The council should have asked the people who live there before it closed the road."


def test_texts_are_counted_by_set():
    rows = [{"set": "a", "text": CALM}, {"set": "a", "text": SPUN}, {"set": "b", "text": "short"}]
    figures = measure(rows)
    assert (figures["a"]["rows"], figures["a"]["flagged"], figures["b"]["flagged"]) == (2, 1, 0)


def test_too_many_flagged_texts_of_a_larger_set_are_a_failure():
    rows = [{"set": "calm", "text": CALM}] * 298 + [{"set": "calm", "text": SPUN}] * 2
    assert too_many(measure(rows)) == ["calm"]
    assert too_many(measure(rows[1:])) == []
    assert too_many(measure([{**row, "set": "wpspun"} for row in rows])) == []


def test_the_command_reads_files_and_fails_where_it_must(tmp_path, monkeypatch, capsys):
    rows = [{"set": "calm", "text": CALM, "label": 0}, {"set": "calm", "text": SPUN, "label": 1}]
    with gzip.open(tmp_path / "abuse.dev.jsonl.gz", "wt") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)
    monkeypatch.setattr("sys.argv", ["spun", "--data", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert "| calm | 1 | 0 | 0.00% |" in capsys.readouterr().out
