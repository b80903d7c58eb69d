"""Solutions of challenges, as a reader's browser would send them."""

from typing import Any

import pytest
from altcha import Challenge, Payload, solve_challenge

from moderation.models import Site
from moderation.privacy import work
from moderation.privacy.work import new_challenge


@pytest.fixture
def easy_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Challenges that cost a test next to nothing."""
    monkeypatch.setattr(work, "ROUNDS", 2)
    monkeypatch.setattr(work, "LEAST_NUMBER", 1)
    monkeypatch.setattr(work, "MOST_NUMBER", 20)


def solve(challenge: dict[str, Any]) -> str:
    """The solution of a challenge as it came as JSON, by ALTCHA's own library."""
    parsed = Challenge.from_dict(challenge)
    solution = solve_challenge(parsed)
    assert solution is not None
    return str(Payload(parsed, solution).to_base64())


def solved_for(site: Site) -> str:
    """The solution of a new challenge of this site."""
    return solve(new_challenge(site.id))
