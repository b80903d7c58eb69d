import json
from io import StringIO

from django.core.management import call_command


def _weights(*options: str) -> str:
    out = StringIO()
    call_command("weights", *options, stdout=out)
    return out.getvalue()


def test_every_set_is_named_with_its_licence():
    linear, spun = json.loads(_weights("--json"))
    licences = {source["set"]: source["licence"] for source in linear["made_from"]}
    assert licences["davidson"] == "MIT"
    assert licences["contrast"] == "own"
    assert linear["file"] == "linear.bin"
    assert linear["bytes"] <= 4 * 2**20
    assert {source["set"]: source["licence"] for source in spun["made_from"]}["wpspun"] == "MIT"
    assert spun["file"] == "spun.bin"


def test_people_read_a_table():
    lines = _weights().splitlines()
    assert lines[0].startswith("linear.bin: ")
    assert any(line.split() == ["davidson", "18573", "MIT"] for line in lines)
