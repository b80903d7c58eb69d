"""Every place where the service can be killed on purpose is on the list, and is tried."""

import re
from pathlib import Path

import moderation
from tests.faults.points import POINTS

FOLDER = Path(__file__).parent
_PLACE = re.compile(r'\bfailpoint\("([\w.]+)"')


def places_in_code() -> set[str]:
    root = Path(str(moderation.__file__)).parent
    return {name for path in root.rglob("*.py") for name in _PLACE.findall(path.read_text(encoding="utf-8"))}


def test_the_list_and_the_code_name_the_same_places() -> None:
    assert places_in_code() == {place for places in POINTS.values() for place in places}


def test_every_place_is_ordered_somewhere() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("test_*.py"))
    assert [place for place in places_in_code() if f'"{place}"' not in tests] == []
