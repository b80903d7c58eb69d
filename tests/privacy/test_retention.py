"""The retention schedule."""

from datetime import UTC, datetime, timedelta

from moderation.privacy.retention import SCHEDULE, days_kept, due_before

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_addresses_stay_half_a_year_and_ip_addresses_a_month() -> None:
    assert due_before(NOW)["contact"] == NOW - timedelta(days=180)
    assert due_before(NOW)["ip"] == NOW - timedelta(days=30)


def test_every_field_has_a_reason_and_stands_once() -> None:
    assert all(kept.reason for kept in SCHEDULE)
    assert len(days_kept()) == len(SCHEDULE)
