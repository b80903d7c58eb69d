"""A check is one file, one line in the registry, one table of tests and one page: none may be missing."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from moderation.engine.check import Check
from moderation.engine.registry import LOCAL_CHECKS

ROOT = Path(__file__).parents[2]
CHECKS = ROOT / "moderation" / "engine" / "checks"
LISTS = ROOT / "moderation" / "engine" / "text" / "lists"
FILES = sorted({path.stem for path in CHECKS.glob("*.py")} - {"__init__"})


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_a_registered_check_with_a_table_of_tests_and_a_page(name):
    modules = [type(check).__module__.rpartition(".")[2] for check in LOCAL_CHECKS]
    assert modules.count(name) == 1, f"{name}.py has no line in registry.py"
    assert (ROOT / "tests" / "engine" / "checks" / f"test_{name}.py").is_file()
    assert (ROOT / "docs" / "checks" / f"{name}.md").is_file()


@pytest.mark.parametrize("check", LOCAL_CHECKS, ids=lambda check: check.name)
def test_a_check_is_named_as_its_file_and_explains_all_its_codes(check: Check):
    assert type(check).__module__ == f"moderation.engine.checks.{check.name}"
    page = (ROOT / "docs" / "checks" / f"{check.name}.md").read_text(encoding="utf-8")
    assert [code for code in sorted(check.sentences) if f"`{code}`" not in page] == []


@pytest.mark.parametrize("check", LOCAL_CHECKS, ids=lambda check: check.name)
def test_options_are_frozen_and_the_only_argument(check: Any):
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(check.options, dataclasses.fields(check.options)[0].name, None)
    made_again: Any = type(check)
    assert made_again(check.options) == check


@pytest.mark.parametrize("check", LOCAL_CHECKS, ids=lambda check: check.name)
def test_checks_do_not_know_each_other(check):
    source = (CHECKS / f"{check.name}.py").read_text(encoding="utf-8")
    assert [name for name in FILES if f"moderation.engine.checks.{name} " in source] == []


def test_codes_belong_to_one_check():
    codes = [code for check in LOCAL_CHECKS for code in check.sentences]
    assert len(codes) == len(set(codes))


def test_every_list_that_ships_is_named_with_its_licence():
    page = (LISTS / "README.md").read_text(encoding="utf-8")
    folders = [path.name for path in (LISTS).iterdir() if path.is_dir()]
    assert [name for name in folders if f"`{name}`" not in page] == []
