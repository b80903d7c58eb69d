"""Comments live at random beside a model of them: every status, counter and list has to agree."""

from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from moderation.domain.status import STATUS_AFTER, Action, Status
from moderation.flow.comments import decide as flow_decide
from tests.flow.comments.life_machine import LifeMachine

pytestmark = pytest.mark.django_db


def live(*, lives: int, steps: int) -> int:
    """Run the machine; gives the number of steps made. The same steps each time."""
    LifeMachine.steps = 0
    run_state_machine_as_test(
        LifeMachine,
        settings=settings(
            max_examples=lives,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],  # a failing life is told as it was: shrinking it would take minutes
            database=None,
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        ),
    )
    return LifeMachine.steps


def test_a_few_lives_agree_with_the_model() -> None:
    assert live(lives=4, steps=25) >= 60


@pytest.mark.fuzz
def test_two_thousand_steps_agree_with_the_model() -> None:
    assert live(lives=60, steps=50) >= 2000


def test_the_machine_finds_what_does_not_agree() -> None:
    wrong = {**STATUS_AFTER, Action.SPAM: Status.REJECTED}
    with patch.object(flow_decide, "STATUS_AFTER", wrong), pytest.raises(AssertionError):
        live(lives=20, steps=30)
