"""The command writes labelled files that `manage.py evaluate` reads."""

import json
from typing import Any

import pytest

from training.contrast.__main__ import main


def _written(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    main([*arguments])
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_it_writes_one_json_object_a_row(capsys):
    records = _written(capsys, "--split", "dev", "--rows", "300", "--seed", "4")
    assert len(records) == 300
    for record in records:
        assert set(record) == {"text", "label", "set", "heads", "term"}
        assert record["set"].startswith("contrast_")
        assert record["label"] == int(any(v for h, v in record["heads"].items() if h != "profanity"))


def test_abuse_is_written_without_advertising(capsys):
    records = _written(capsys, "--split", "test", "--rows", "600", "--axis", "abuse")
    assert 0 < len(records) < 600
    assert not any(record["heads"]["spam"] for record in records)


def test_spam_is_written_without_abuse(capsys):
    records = _written(capsys, "--split", "test", "--rows", "600", "--axis", "spam")
    assert {record["label"] for record in records} == {0, 1}
    assert all(record["label"] == record["heads"]["spam"] for record in records)


def test_it_asks_for_a_split(capsys):
    with pytest.raises(SystemExit):
        main([])
    assert "--split" in capsys.readouterr().err
