"""Times in words."""

from datetime import datetime, timedelta


def tell_relative(moment: datetime, now: datetime) -> str:
    """`moment` in relative words: `just now`, `3 hours ago`, `yesterday`, `4 March 2026`."""
    age = now - moment
    if age < timedelta(minutes=1):
        return "just now"
    if age < timedelta(hours=1):
        return _count(age // timedelta(minutes=1), "minute")
    if age < timedelta(days=1):
        return _count(age // timedelta(hours=1), "hour")
    if age < timedelta(days=2):
        return "yesterday"
    if age < timedelta(days=14):
        return _count(age // timedelta(days=1), "day")
    return tell_date(moment)


def tell_absolute(moment: datetime) -> str:
    """`23 November 2026, 20:57 UTC`."""
    return f"{tell_date(moment)}, {moment:%H:%M} UTC"


def tell_date(moment: datetime) -> str:
    """`4 March 2026`."""
    return f"{moment.day} {moment:%B %Y}"


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'} ago"
