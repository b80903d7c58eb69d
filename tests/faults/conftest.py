"""A service for the tests that torment one: they leave it as they found it, running."""

from collections.abc import Iterator

import pytest

from tests.faults.chaos.scene import CHAOS_ENVIRONMENT, Scene
from tests.stack import open_for_all, start_stack, stop_stack


@pytest.fixture(scope="package")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("scene")
    open_for_all(folder)
    stack = start_stack(folder / "var", "--demo", environment=CHAOS_ENVIRONMENT)
    try:
        yield Scene(stack)
    finally:
        stop_stack(stack)
