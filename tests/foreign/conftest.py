"""Fixtures: a running service with two sites, and the clients that no lock of ours installs."""

import importlib
from typing import Any

import pytest

from tests.foreign.node_clients import NodeClients, NotInstalled, install_clients
from tests.foreign.service import ForeignService, make_service
from tests.foreign.source_clients import NotFetched, unpack_clients
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


@pytest.fixture(scope="session")
def clean_talk() -> Any:
    """CleanTalk's client class. As above, tests fail without it."""
    try:
        folder = unpack_clients()
    except NotFetched as problem:
        pytest.fail(str(problem))
    with pytest.MonkeyPatch.context() as patch:
        for source in folder.iterdir():
            patch.syspath_prepend(source)
        return importlib.import_module("cleantalk_python_antispam.cleantalk").CleanTalk
