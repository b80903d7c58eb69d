"""The measurement of backtests: its rules are rules, and a small run says what it should."""

from pathlib import Path

import pytest

from bench.backtest import RULES, describe, measure
from moderation.domain.rules import RULE_FIELDS, FieldKind
from moderation.engine.rules.reading import read_rule
from moderation.engine.rules.wording import say_rule


@pytest.mark.parametrize("name", RULES)
def test_its_rules_can_be_read(name: str):
    text = read_rule(name=name, action="hold", queue="", conditions=RULES[name])
    assert say_rule(text).startswith("Hold if ")


def test_the_costliest_rule_looks_at_fields_of_every_kind():
    looked_at = {RULE_FIELDS[line["field"]].kind for line in RULES["everything"]}
    assert looked_at == set(FieldKind)


@pytest.mark.slow
def test_a_small_run(tmp_path: Path):
    tmp_path.chmod(0o711)
    var = tmp_path / "var"
    var.mkdir(mode=0o711)
    report = measure(var, 60)
    assert report["comments"] == 60
    assert set(report["rules"]) == set(RULES)
    assert all(0 < rule["matched"] <= 60 for rule in report["rules"].values())
    assert "only reading the same rows" in describe(report)
