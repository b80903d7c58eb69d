import pytest

from moderation.engine.checks.rate import Rate
from moderation.engine.facts import RateFacts
from tests.engine.contexts import run


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        (RateFacts(), {}),
        (RateFacts(author_last_10_minutes=4, author_last_day=39, ip_last_10_minutes=9, ip_last_day=99), {}),
        (RateFacts(author_last_10_minutes=5), {"rate.author_burst": 1.5}),
        (RateFacts(author_last_10_minutes=10), {"rate.author_burst": 3.0}),
        (RateFacts(author_last_day=40), {"rate.author_day": 1.5}),
        (RateFacts(ip_last_10_minutes=10), {"rate.ip_burst": 1.5}),
        (RateFacts(ip_last_day=200), {"rate.ip_day": 3.0}),
    ],
)
def test_much_in_a_short_time_raises_doubt(rate, expected):
    assert {code: signal.points for code, signal in run(Rate(), rate=rate).items()} == expected
