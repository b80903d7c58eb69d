import pytest

from moderation.domain.signals import Field
from moderation.engine.checks.impersonation import Impersonation
from tests.engine.contexts import run

STAFF = ("Maria Milner", "Ed")


@pytest.mark.parametrize(
    ("name", "is_named"),
    [
        ("Maria Milner", True),
        ("MARIA  MILNER", True),
        ("Mаriа Мilnеr", True),  # four Cyrillic letters
        ("Maria\u200b Milner", True),
        ("Maria Mi1ner", True),
        ("Maria Milnerr", True),
        ("Maira Milner", True),
        ("Maria M.", False),
        ("Maria Miller-Jones", False),
        ("Ed", True),
        ("Eda", False),
        ("", False),
        ("!!!", False),
    ],
)
def test_names_that_pass_for_staff_are_named(name, is_named):
    assert ("impersonation.staff" in run(Impersonation(), author_name=name, staff_names=STAFF)) == is_named


def test_an_empty_staff_name_is_nobody():
    assert run(Impersonation(), author_name="Ed", staff_names=("", "!!")) == {}


def test_the_span_is_the_name():
    signal = run(Impersonation(), author_name="Ed", staff_names=STAFF)["impersonation.staff"]
    assert (signal.spans[0].field, signal.spans[0].end) == (Field.NAME, 2)
