"""The figures that clients show: usage, sites of a key, and what was spam."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import orjson

from moderation.compat.akismet.answers import CSV, JSON, AkismetAnswer, refuse
from moderation.compat.akismet.form import SentForm
from moderation.compat.keys import CompatCaller
from moderation.lib.clock import now
from moderation.queries.month_counts import SiteCounts, Span, count_spans

_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)  # before the first comment of any installation
_MOST_MONTHS = 12
_SITE_TITLES = ("Site", "Total API Calls", "Spam", "Ham", "Missed Spam", "False Positives", "Is Revoked")


def tell_usage(form: SentForm, caller: CompatCaller) -> AkismetAnswer:
    """usage-limit: this month's comments. There is no limit, so nothing of it is used up."""
    (counts,) = count_spans(caller.site.id, [_month_of(now())])
    told: dict[str, object] = {
        "limit": "none",
        "usage": counts.comments,
        "percentage": "0.00",
        "throttled": False,
    }
    if form.is_true("extended"):
        told |= {"notice_level": "none", "upgrade": False}
    return _json(told)


def tell_sites(form: SentForm, caller: CompatCaller) -> AkismetAnswer:
    """key-sites: a key belongs to one site, which is named by its first host."""
    month = _read_month(form["month"])
    if month is None:
        return refuse("Give the month as YYYY-MM.")
    site = caller.site.hosts[0] if caller.site.hosts else caller.site.slug
    limit, offset = _number(form["limit"], 500), _number(form["offset"], 0)
    is_asked_for = form["filter"].lower() in site and offset == 0 and limit > 0
    (counts,) = count_spans(caller.site.id, [_month_of(month)])
    rows = [_site_row(site, counts)] if is_asked_for else []
    name = month.strftime("%Y-%m")
    if form["format"].lower() == "csv":
        return AkismetAnswer(_table(rows, name, limit, offset), kind=CSV)
    return _json({name: rows, "limit": limit, "offset": offset, "total": len(rows)})


def tell_stats(form: SentForm, caller: CompatCaller) -> AkismetAnswer:
    """get-stats: totals since `from`, and the months in it, at most a year of them."""
    start = _start(form["from"])
    months = [month for month in _latest_months() if month[1] > start]
    total, *each = count_spans(caller.site.id, [(start, _tomorrow()), *months])
    breakdown = {
        begins.strftime("%Y-%m"): {"da": begins.strftime("%Y-%m-%d"), **_numbers(counts)}
        for (begins, _), counts in zip(months, each, strict=True)
    }
    told = {**_numbers(total), "accuracy": _accuracy(total), "time_saved": 0, "breakdown": breakdown}
    return _json(told)


def tell_subscription(form: SentForm, caller: CompatCaller) -> AkismetAnswer:
    """get-subscription: there is no subscription; WordPress keeps a key whose status is `active`."""
    return _json(
        {
            "account_id": caller.site.slug,
            "account_name": caller.site.name,
            "account_type": "self-hosted",
            "status": "active",
            "next_billing_date": False,
            "limit_reached": False,
        }
    )


def _json(value: object) -> AkismetAnswer:
    return AkismetAnswer(orjson.dumps(value).decode(), kind=JSON)


def _numbers(counts: SiteCounts) -> dict[str, str]:
    """As Akismet writes them: numbers in quotes."""
    return {
        "spam": str(counts.spam),
        "ham": str(counts.ham),
        "missed_spam": str(counts.missed_spam),
        "false_positives": str(counts.false_positives),
    }


def _site_row(site: str, counts: SiteCounts) -> dict[str, object]:
    return {"site": site, "api_calls": str(counts.comments), **_numbers(counts), "is_revoked": False}


def _table(rows: list[dict[str, object]], month: str, limit: int, offset: int) -> str:
    table = io.StringIO()
    table.write(f"Active sites during {month} (limit: {limit}, offset: {offset})\n")
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(_SITE_TITLES)
    writer.writerows([*row.values()] for row in rows)
    return table.getvalue()


def _accuracy(counts: SiteCounts) -> str | None:
    """The share of decided comments that nobody turned round, in per cent; None where there are none."""
    decided = counts.spam + counts.ham
    turned = counts.missed_spam + counts.false_positives
    return f"{100 * max(0, decided - turned) / decided:.2f}" if decided else None


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def _read_month(text: str) -> datetime | None:
    if not text:
        return now()
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        return None


def _month_of(moment: datetime) -> Span:
    start = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, (start + timedelta(days=32)).replace(day=1)


def _latest_months() -> Iterator[Span]:
    """This month and those before it, the latest first."""
    month = _month_of(now())
    for _ in range(_MOST_MONTHS):
        yield month
        month = _month_of(month[0] - timedelta(days=1))


def _start(text: str) -> datetime:
    """A whole day or month, so that the same question is asked again; everything for an unknown word."""
    today = _tomorrow() - timedelta(days=1)
    if text == "60-days":
        return today - timedelta(days=60)
    if text == "6-months":
        return [*_latest_months()][5][0]
    return _BEGINNING


def _tomorrow() -> datetime:
    return now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
