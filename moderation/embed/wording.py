"""Numbers, times and refusals as readers of the active language expect them."""

from datetime import date, datetime, timedelta
from functools import lru_cache

from django.utils import dateformat, formats
from django.utils.translation import get_language, gettext, ngettext

from moderation.domain.errors import FieldError, Refused
from moderation.embed.language import DEFAULT

_NO_BREAK = "\N{NO-BREAK SPACE}"
# What stands between groups of three digits, by CLDR; Spanish has none in numbers of four digits.
_GROUPS = {"de": ".", "es": ".", "pt": ".", "fr": "\N{NARROW NO-BREAK SPACE}", "ru": _NO_BREAK}
_UNGROUPED_UP_TO = {"es": 9_999}
# Where Django's own format is not that of newspapers.
_DATES = {"en": "j F Y", "ar": "j F Y"}


def tell_number(number: int) -> str:
    """`1,234`."""
    language = get_language() or DEFAULT
    if number <= _UNGROUPED_UP_TO.get(language, 999):
        return str(number)
    return f"{number:,}".replace(",", _GROUPS.get(language, ","))


def tell_comments(number: int) -> str:
    """`1 comment`, `1,234 comments`."""
    return ngettext("%(count)s comment", "%(count)s comments", number) % {"count": tell_number(number)}


def tell_relative(moment: datetime, now: datetime) -> str:
    """`moment` in relative words: `just now`, `3 hours ago`, `yesterday`, `4 March 2026`."""
    age = now - moment
    if age < timedelta(minutes=1):
        return gettext("just now")
    if age < timedelta(hours=1):
        number = age // timedelta(minutes=1)
        return ngettext("%(count)s minute ago", "%(count)s minutes ago", number) % {"count": number}
    if age < timedelta(days=1):
        number = age // timedelta(hours=1)
        return ngettext("%(count)s hour ago", "%(count)s hours ago", number) % {"count": number}
    if age < timedelta(days=2):
        return gettext("yesterday")
    if age < timedelta(days=14):
        return ngettext("%(count)s day ago", "%(count)s days ago", age.days) % {"count": age.days}
    return tell_date(moment)


def tell_absolute(moment: datetime) -> str:
    """`23 November 2026, 20:57 UTC`."""
    return gettext("%(date)s, %(time)s UTC") % {"date": tell_date(moment), "time": f"{moment:%H:%M}"}


def tell_date(moment: datetime) -> str:
    """`4 March 2026`."""
    return _write_date(moment.date(), get_language() or DEFAULT)


@lru_cache(maxsize=4096)
def _write_date(day: date, language: str) -> str:
    """The day with its month's name, in the active language, which is `language`."""
    written = dateformat.format(day, _DATES.get(language) or formats.get_format("DATE_FORMAT", language))
    return written.lower() if language == "pt" else written  # months are no names there


def tell_wait(wait_s: int) -> str:
    """When to try again."""
    words = ngettext("Try again in %(count)s second.", "Try again in %(count)s seconds.", wait_s)
    return words % {"count": tell_number(wait_s)}


def tell_refusal(refusal: Refused) -> str:
    """Why something was refused."""
    return gettext(refusal.message)


def tell_error(error: FieldError) -> str:
    """What is wrong with a field and what to do."""
    if error.wording is None:
        return gettext(error.message)
    numbers = {name: tell_number(number) for name, number in error.wording.numbers.items()}
    return gettext(error.wording.template) % numbers
