"""The texts that template spam is learned from are the same each time, and alike templates stay together."""

import gzip
import json

from training.spun.rows import expand, harmless, join_alike, published_templates


def test_our_own_templates_give_the_same_texts_each_time():
    texts = expand("templates.txt")
    assert texts == expand("templates.txt")
    assert all("[" not in text for each in texts.values() for text in each)
    assert max(map(len, texts.values())) > 1
    assert not {t for each in texts.values() for t in each} & {
        t for each in expand("harmless.txt").values() for t in each
    }


def test_templates_with_runs_in_common_are_one_group():
    runs = {"a": {"1", "2"}, "b": {"3"}, "c": {"2", "3", "1"}, "d": {"9"}}
    assert sorted(map(sorted, join_alike(runs, shared=1))) == [["a", "b", "c"], ["d"]]
    assert len(join_alike(runs, shared=3)) == 4


def test_rows_are_read_by_template_and_by_set(tmp_path):
    rows = [
        {"text": "one", "label": 1, "set": "wpspun", "note": 3, "lang": "en"},
        {"text": "two", "label": 1, "set": "wpspun", "note": 3, "lang": "en"},
        {"text": "calm", "label": 0, "set": "news", "note": "", "lang": "en"},
        {"text": "ruhig", "label": 0, "set": "news", "note": "", "lang": "de"},
    ]
    for axis in ("spam", "abuse"):
        with gzip.open(tmp_path / f"{axis}.train.jsonl.gz", "wt") as lines:
            lines.writelines(json.dumps(row) + "\n" for row in rows)
    assert published_templates(tmp_path) == {"wpspun 3": ["one", "two"]}
    found = harmless(tmp_path, "train")
    assert found["news"] == ["calm", "calm"]
    assert len(found["contrast"]) > 1000
