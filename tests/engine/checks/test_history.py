import pytest

from moderation.engine.checks.history import History
from moderation.engine.facts import AuthorFacts
from tests.engine.contexts import run


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        (AuthorFacts(), {}),
        (AuthorFacts(published=50), {}),  # anybody may type this address
        (AuthorFacts(is_proven=True, published=50), {"history.published": 2.0}),
        (AuthorFacts(is_proven=True, published=3), {"history.published": 1.0}),
        (AuthorFacts(spam=2), {"history.spam": 5.0}),
        (AuthorFacts(published=3, spam=1), {"history.spam": 2.0}),
        (AuthorFacts(rejected=1), {"history.rejected": 3.5}),
        (
            AuthorFacts(is_proven=True, published=6, rejected=6),
            {"history.rejected": 2.0, "history.published": 1.0},
        ),
    ],
)
def test_a_record_counts_by_its_shares(author, expected):
    assert {code: signal.points for code, signal in run(History(), author=author).items()} == expected
