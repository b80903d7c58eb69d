"""Coverage is asked of each package by itself: a well-tested one makes up for no other."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from coverage import Coverage

from tests.floors import FLOORS, find_short
from tests.stack import BASE

FACES = ("api", "compat", "embed", "admin", "importers", "management")


def test_each_package_with_a_floor_is_measured():
    settings = tomllib.loads((BASE / "pyproject.toml").read_text())
    assert sorted(settings["tool"]["coverage"]["run"]["source"]) == sorted(FLOORS)
    assert all((BASE / folder).is_dir() for folder in FLOORS)


def test_all_faces_have_a_floor():
    faces = {f"moderation/{name}" for name in FACES if (BASE / "moderation" / name).is_dir()}
    assert faces <= FLOORS.keys()


def test_the_whole_suite_asks_for_the_floors():
    assert '"--floors"' in (BASE / "run.py").read_text()


@pytest.fixture
def measured(tmp_path: Path) -> Coverage:
    """What was run of two packages: all of one, and a half of the other."""
    for name, text in {
        "whole": "A = 1\nB = 2\n",
        "half": "if __name__ == 'x':\n    A = 1\n    B = 2\n",
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(text)
    (tmp_path / "start.py").write_text("import half, whole\n")
    data = tmp_path / "data"
    command = [
        sys.executable,
        "-m",
        "coverage",
        "run",
        "--rcfile=",
        f"--data-file={data}",
        "--branch",
        "start.py",
    ]
    subprocess.run(command, cwd=tmp_path, check=True)
    coverage = Coverage(data_file=data, config_file=False)
    coverage.load()
    return coverage


def test_a_package_that_falls_short_is_named(measured: Coverage, tmp_path: Path):
    assert find_short(measured, tmp_path, {"whole": 100}) == []
    (short,) = find_short(measured, tmp_path, {"whole": 100, "half": 90})
    assert short.startswith("half: ")
    assert short.endswith(" 90 % are asked for")


def test_a_package_that_nothing_ran_falls_short(measured: Coverage, tmp_path: Path):
    assert find_short(measured, tmp_path, {"gone": 90}) == [
        "gone: 0.0 % of lines and branches were run, 90 % are asked for"
    ]
