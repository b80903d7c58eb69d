"""Brokers in good and in bad health."""

import socket
import tempfile
from collections.abc import Iterator

import pytest
from django.conf import settings
from redis import Redis

from moderation.clients.broker import connect


@pytest.fixture
def broker() -> Iterator[Redis]:
    """The real one, empty."""
    client = connect(settings.REDIS_URL)
    client.flushdb()
    yield client
    client.flushdb()


@pytest.fixture
def hung_url() -> Iterator[str]:
    """A broker that takes connections and never answers."""
    # A socket's path must be short, and in an address absolute.
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{folder}/hung.sock")
        listener.listen(16)
        yield f"unix://{folder}/hung.sock"


@pytest.fixture
def gone_url() -> str:
    """A broker that is not there."""
    return "unix:///nowhere/at/all.sock"
