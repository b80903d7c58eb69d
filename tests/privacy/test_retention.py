"""The retention schedule."""

from datetime import UTC, datetime, timedelta

import pytest

from moderation.privacy.retention import MAX_DAYS, SCHEDULE, days_kept, due_before

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_addresses_stay_half_a_year_and_ip_addresses_a_month() -> None:
    assert due_before(NOW)["contact"] == NOW - timedelta(days=180)
    assert due_before(NOW)["ip"] == NOW - timedelta(days=30)


def test_every_field_has_a_reason_and_stands_once() -> None:
    assert all(kept.reason for kept in SCHEDULE)
    assert len(days_kept()) == len(SCHEDULE)


def test_a_site_may_choose_its_own_days() -> None:
    chosen = due_before(NOW, {"contact": 30, "ip": 0})
    assert chosen["contact"] == NOW - timedelta(days=30)
    assert chosen["ip"] == NOW
    assert chosen["fingerprint"] == due_before(NOW)["fingerprint"]


@pytest.mark.parametrize("overrides", [{"unknown": 1}, {"ip": -1}, {"contact": MAX_DAYS + 1}])
def test_what_makes_no_sense_is_refused(overrides: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(overrides))):
        days_kept(overrides)
