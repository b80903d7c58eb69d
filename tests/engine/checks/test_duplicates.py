import pytest

from moderation.engine.checks.duplicates import Duplicates
from tests.engine.contexts import earlier, run

LONG = "The council has not asked the tenants at all."


@pytest.mark.parametrize(
    ("text", "before", "expected"),
    [
        (LONG, (), set()),
        (LONG, (earlier(),), {"duplicates.exact"}),
        (LONG, (earlier(similarity=0.8),), {"duplicates.near"}),
        (LONG, (earlier(similarity=0.5),), set()),
        (LONG, (earlier(same_author=True),), {"duplicates.own"}),
        (LONG, (earlier(same_author=True, similarity=0.9),), {"duplicates.near"}),
        (LONG, (earlier("spam"),), {"duplicates.exact", "duplicates.of_spam"}),
        ("Thank you", (earlier(),), set()),
        ("Thank you", (earlier(same_author=True),), {"duplicates.own"}),
        ("这个城市没有问过租客的意见吗", (earlier(),), {"duplicates.exact"}),
    ],
)
def test_it_says_what_was_said_before(text, before, expected):
    assert run(Duplicates(), text, earlier=before).keys() == expected


def test_more_copies_weigh_more_and_near_ones_as_much_as_they_are_near():
    one = run(Duplicates(), LONG, earlier=(earlier(),))["duplicates.exact"]
    three = run(Duplicates(), LONG, earlier=tuple(earlier() for _ in range(3)))["duplicates.exact"]
    near = run(Duplicates(), LONG, earlier=(earlier(similarity=0.8),))["duplicates.near"]
    assert (one.points, three.points) == (2.5, 4.5)
    assert near.confidence == 0.8
