"""Fixtures: a running service with two sites, and the installed clients in JavaScript."""

import pytest

from tests.foreign.node_clients import NodeClients, NotInstalled, install_clients
from tests.foreign.service import ForeignService, make_service
from tests.stack import LiveStack


@pytest.fixture(scope="session")
def service(live_stack: LiveStack) -> ForeignService:
    """The running service, once for each of pytest-xdist's workers."""
    return make_service(live_stack)


@pytest.fixture(scope="session")
def node() -> NodeClients:
    """The clients in JavaScript. A test that cannot have them fails: it would prove nothing."""
    try:
        return install_clients()
    except NotInstalled as problem:
        pytest.fail(str(problem))
