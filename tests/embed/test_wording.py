"""Numbers, times and refusals in the language of the page."""

from datetime import UTC, datetime, timedelta

import pytest
from babel.dates import format_date
from babel.numbers import format_decimal
from django.utils import translation

from moderation.domain.errors import Duplicate, FieldError, InvalidFields
from moderation.domain.fields import clean_submission_fields
from moderation.embed.language import LANGUAGES
from moderation.embed.wording import (
    tell_absolute,
    tell_comments,
    tell_date,
    tell_error,
    tell_number,
    tell_refusal,
    tell_relative,
)

NOW = datetime(2026, 11, 23, 20, 57, tzinfo=UTC)
OTHERS = [language for language in LANGUAGES if language != "en"]


def locale_of(language: str) -> str:
    return "zh_Hans" if language == "zh-hans" else language


def with_spaces(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_are_grouped_as_the_language_does(language):
    with translation.override(language):
        for number in (0, 7, 999, 1_234, 12_345, 1_234_567):
            expected = format_decimal(number, locale=locale_of(language), numbering_system="latn")
            assert tell_number(number) == ("1234" if (language, number) == ("es", 1_234) else expected)


@pytest.mark.parametrize("language", OTHERS)
def test_dates_are_written_as_the_language_does(language):
    with translation.override(language):
        for month in range(1, 13):
            day = datetime(2026, month, 4, tzinfo=UTC)
            expected = format_date(day, "long", locale=locale_of(language))
            expected = expected.replace("أبريل", "إبريل")  # both are April
            assert with_spaces(tell_date(day)) == with_spaces(expected)


def test_english_dates_have_the_day_first():
    assert tell_date(NOW) == "23 November 2026"


@pytest.mark.parametrize(
    ("language", "age", "words"),
    [
        ("de", timedelta(hours=1), "vor einer Stunde"),
        ("de", timedelta(hours=3), "vor 3 Stunden"),
        ("ru", timedelta(minutes=1), "1 минуту назад"),
        ("ru", timedelta(minutes=2), "2 минуты назад"),
        ("ru", timedelta(minutes=5), "5 минут назад"),
        ("ru", timedelta(minutes=11), "11 минут назад"),
        ("ru", timedelta(minutes=21), "21 минуту назад"),
        ("ar", timedelta(minutes=1), "قبل دقيقة"),
        ("ar", timedelta(minutes=2), "قبل دقيقتين"),
        ("ar", timedelta(minutes=3), "قبل 3 دقائق"),
        ("ar", timedelta(minutes=11), "قبل 11 دقيقة"),
        ("ja", timedelta(days=3), "3日前"),
        ("fr", timedelta(days=1), "hier"),
        ("fr", timedelta(days=20), "3 novembre 2026"),
    ],
)
def test_relative_times_follow_the_plural_rules(language, age, words):
    with translation.override(language):
        assert tell_relative(NOW - age, NOW) == words


def test_counts_and_absolute_times():
    with translation.override("ar"):
        told = [tell_comments(number) for number in (1, 2, 3, 11, 100, 1_234)]
        assert told == ["تعليق واحد", "تعليقان", "3 تعليقات", "11 تعليقًا", "100 تعليق", "1,234 تعليقًا"]
    with translation.override("de"):
        assert tell_comments(1) == "1 Kommentar"
        assert tell_comments(1_234) == "1.234 Kommentare"
        assert tell_absolute(NOW) == "23. November 2026, 20:57 Uhr UTC"


@pytest.mark.parametrize("language", OTHERS)
def test_every_field_is_refused_in_the_language(language):
    wrong: list[dict[str, object]] = [
        {"body": "", "name": "", "email": "", "website": "no address"},
        {
            "body": "x" * 12_345,
            "name": "x\ny",
            "email": "nobody",
            "website": "https://a.example/" + "x" * 200,
        },
        {
            "body": "a\x01",
            "name": "\u202ea",
            "email": "x" * 300,
            "website": "https://" + "ä" * 190 + ".example",
        },
        {"body": "a" + "\u0301" * 50, "name": "", "email": "", "website": 1},
    ]
    found: dict[str, FieldError] = {}
    for fields in wrong:
        with pytest.raises(InvalidFields) as refused:
            clean_submission_fields(fields)
        found |= {error.code: error for error in refused.value.errors}
    assert len(found) > 6
    with translation.override(language):
        for error in found.values():
            told = tell_error(error)
            assert told != error.message
            assert "%" not in told
        assert tell_refusal(Duplicate()) != Duplicate.message
    assert found["too_long"].message == tell_error(found["too_long"])
