"""The benchmark of simulated moderators: an obvious taste is learned, and the curves are drawn."""

import gzip
import json
from pathlib import Path
from random import Random
from xml.etree import ElementTree as ET

import pytest

from bench import taste as measurement
from bench.plot import Panel, draw_panels
from bench.tastes import TASTES, Row, Taste, read_rows, stream
from moderation.domain.signals import Axis
from moderation.language.fold.normalise import normalise

SYLLABLES = ["ba", "ko", "li", "mu", "ne", "ra", "so", "ti"]
WORDS = [a + b + c for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES]


@pytest.fixture
def rows() -> list[Row]:
    random = Random(1)
    return [
        Row(
            normalise(" ".join([*random.sample(WORDS, 8), *(["bicycle"] if number % 3 == 0 else [])])),
            "abuse",
            0,
        )
        for number in range(450)
    ]


def test_an_obvious_taste_is_learned(rows: list[Row], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measurement, "DECISIONS", 150)
    bicycles = Taste("bicycles", Axis.ABUSE, lambda _: lambda row: "bicycle" in row.text.text)
    result = measurement.measure(bicycles, rows, measurement._Reader(), seeds=2, every=10)
    assert result.site.size == result.shared.size == 150
    assert result.ahead_at is not None
    assert result.gap[-1] > 0.03
    assert result.stays_ahead_from is not None
    assert 0.2 < result.against < 0.45


def test_mistakes_are_made_as_often_as_said(rows: list[Row]) -> None:
    wrong = Taste("wrong", Axis.ABUSE, lambda _: lambda row: False, mistakes=0.2)
    assert 0.1 < sum(label for _, label in stream(wrong, rows, 3, 400)) / 400 < 0.3
    assert stream(wrong, rows, 3, 400) == stream(wrong, rows, 3, 400)


def test_rows_are_read_by_axis(tmp_path: Path) -> None:
    for name, label in (("abuse", 0), ("spam", 1)):
        row = {"text": f"a {name}", "task": name, "label": label, "lang": "en"}
        with gzip.open(tmp_path / f"{name}.dev.jsonl.gz", "wt", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n" + json.dumps({**row, "lang": "ko"}) + "\n")
    found = read_rows(tmp_path)
    assert [row.text.original for row in found[Axis.ABUSE]] == ["a abuse"]
    assert [row.text.original for row in found[Axis.SPAM]] == ["a spam", "a abuse"]


def test_curves_are_drawn_as_svg_without_script() -> None:
    values = [float("nan")] * 5 + [0.5 + number / 100 for number in range(45)]
    drawn = ET.fromstring(draw_panels([Panel("<taste>", {"site": values, "shared": values[::-1]})] * 3))
    lines = drawn.findall(".//{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 6
    assert len(lines[0].attrib["points"].split()) == 30
    assert drawn.find(".//{http://www.w3.org/2000/svg}script") is None


def test_there_is_a_control_without_a_taste() -> None:
    assert [taste.name for taste in TASTES if not taste.has_taste] == ["no taste, 1 in 10 wrong"]
