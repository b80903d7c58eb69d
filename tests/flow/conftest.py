"""What several tests of the flow share."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from tests.fake_services import FakeServer, says, serve


@pytest.fixture
def server(settings: Settings) -> Iterator[FakeServer]:
    """A server that the operator allows; it takes everything for ham."""
    with serve(says("false")) as fake:
        settings.REMOTE_CHECK_ORIGINS |= {fake.url}
        yield fake
