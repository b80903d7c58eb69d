"""Initials, times and addresses of hosts."""

from datetime import UTC, datetime, timedelta

import pytest

from moderation.embed.comments import initials_of
from moderation.embed.frame import clean_title, frame_ancestors
from moderation.embed.wording import tell_absolute, tell_relative

NOW = datetime(2026, 11, 23, 20, 57, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Ada Reader", "AR"),
        ("ada", "A"),
        ("Ada Maria de la Cruz", "AC"),
        ("  (Big) Al ", "BA"),
        ("李 小龙", "李小"),
        ("Ömer", "Ö"),
        ("🙂 🙃", ""),
        ("", ""),
    ],
)
def test_initials(name, initials):
    assert initials_of(name) == initials


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=23), "23 hours ago"),
        (timedelta(hours=24), "yesterday"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(days=13), "13 days ago"),
        (timedelta(days=14), "9 November 2026"),
    ],
)
def test_relative_times(age, words):
    assert tell_relative(NOW - age, NOW) == words


def test_absolute_times():
    assert tell_absolute(NOW) == "23 November 2026, 20:57 UTC"


def test_titles_are_one_line_of_visible_signs():
    assert clean_title(" a\x00b\n\u202ec ") == "a b c"
    assert len(clean_title("x" * 1000)) == 300


def test_sources_that_may_frame():
    assert frame_ancestors(["a.example", "localhost:8000"]) == [
        *("https://a.example", "http://a.example"),
        *("https://localhost:8000", "http://localhost:8000"),
    ]
    assert frame_ancestors(["[::1]:8000"]) == ["'none'"]
