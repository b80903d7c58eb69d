"""System checks on what `manage.py check` cannot be started with."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from config.settings.system_checks import check_failpoints_are_off
from moderation.lib import failpoints


@pytest.fixture
def armed(tmp_path: Path) -> Iterator[None]:
    failpoints.arm(tmp_path)
    yield
    failpoints.arm(None)


def test_failpoints_are_off() -> None:
    assert check_failpoints_are_off(None) == []


@pytest.mark.parametrize(("is_production", "problem"), [(True, "config.E005"), (False, "config.W003")])
def test_failpoints_that_are_on_are_found(
    armed: None, settings: Settings, is_production: bool, problem: str
) -> None:
    settings.IS_PRODUCTION = is_production
    assert [found.id for found in check_failpoints_are_off(None)] == [problem]
