"""What tests of all compatible services share."""

import io
import logging

import pytest
from pytest_django.fixtures import Settings

from moderation.privacy.logs import SafeStreamHandler
from moderation.queries import judging_memory
from moderation.queries.brief_memory import BriefMemory
from moderation.queries.keys import forget_keys
from moderation.queries.site_facts import MOST_KEPT


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the service writes to its log."""
    stream = io.StringIO()
    (handler,) = [each for each in logging.getLogger().handlers if isinstance(each, SafeStreamHandler)]
    monkeypatch.setattr(handler, "stream", stream)
    return stream


@pytest.fixture
def remembering(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Keys and sites are remembered as in production; the list holds what the clock says."""
    moment = [100.0]
    settings.KEY_MEMORY_S = 1.0
    for module in ("keys", "judging_memory"):
        monkeypatch.setattr(f"moderation.queries.{module}.time.monotonic", lambda: moment[0])
    monkeypatch.setattr(judging_memory, "_memory", BriefMemory(MOST_KEPT))
    forget_keys()
    return moment
