"""The one clock."""

from datetime import UTC, datetime

import time_machine

from moderation.lib.clock import now


def test_it_tells_utc_with_its_zone() -> None:
    moment = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    with time_machine.travel(moment, tick=False):
        assert now() == moment
        assert now().tzinfo is UTC
