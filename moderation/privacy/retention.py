"""How long personal data stays: one schedule for all sites."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class RetentionPeriod:
    """One field, how many days it is kept, and why."""

    field: str
    days: int
    reason: str


SCHEDULE: tuple[RetentionPeriod, ...] = (
    RetentionPeriod(
        "contact",
        180,
        "the site may have to answer the author: appeals and reports come in within half a year",
    ),
    RetentionPeriod("ip", 30, "abuse is investigated within weeks; prefix and hash go together"),
    RetentionPeriod("fingerprint", 8, "near duplicates are looked for over seven days"),
    RetentionPeriod("domain", 365, "a domain is new again when nobody linked to it for a year"),
    RetentionPeriod(
        "domain_label", 240, "its weight halves every month, and is less than a hundredth after eight"
    ),
    RetentionPeriod("campaign_key", 2, "a campaign is looked for over a day"),
    RetentionPeriod("rule_match", 30, "what a rule matched lately is looked at before it is changed"),
    RetentionPeriod("late_verdict", 14, "a site's server acts on a late verdict within days"),
    RetentionPeriod("used_challenge", 1, "a challenge of the proof of work expires within two hours"),
    RetentionPeriod("idempotency_key", 7, "nobody repeats a request for longer"),
)


def days_kept() -> dict[str, int]:
    """Days by field."""
    return {kept.field: kept.days for kept in SCHEDULE}


def due_before(now: datetime) -> dict[str, datetime]:
    """For each field, the time before which rows are due for deletion."""
    return {field: now - timedelta(days=days) for field, days in days_kept().items()}
