"""Brokers in good and in bad health."""

import socket
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

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
def hung_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A broker that takes connections and never answers."""
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as listener:
        name = f"hung-{uuid4().hex[:8]}.sock"  # clients are kept by address
        listener.bind(name)
        listener.listen(16)
        yield f"unix://{name}"


@pytest.fixture
def gone_url() -> str:
    """A broker that is not there."""
    return "unix:///nowhere/at/all.sock"
