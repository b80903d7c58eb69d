"""A site with something in it for each test."""

import pytest

from moderation.clients.rates import Allowance
from tests.bad_input.world import World, build_world


@pytest.fixture
def world() -> World:
    return build_world()


@pytest.fixture
def no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rates that never end: the corpus is more than one reader may send in a minute."""

    class NoLimits:
        def allow(self, limits: object) -> Allowance:
            return Allowance(is_allowed=True)

    monkeypatch.setattr("moderation.clients.rates._rates_at", lambda url: NoLimits())
