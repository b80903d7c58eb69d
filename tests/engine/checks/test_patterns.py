import pytest

from moderation.engine.checks.patterns import Patterns
from tests.engine.contexts import marked, run


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Great article, thank you", set()),
        ("Great article! https://other.example/", {"patterns.praise_with_link"}),
        ("Check out my channel", {"patterns.pitch"}),
        ("Subscribe to my ch4nnel please", {"patterns.pitch"}),
        ("Call me on +49 170 1234567 tonight", {"patterns.phone"}),
        ("Call +4917012345678", {"patterns.phone"}),
        ("On 2007-09-11 16:58 it was 193.62.202.241", set()),
        ("From 01.02.2003 04:05 to 1 000 000 people", set()),
        ("Telegram: @cheap_things", {"patterns.messenger"}),
        ("Telegram channel at: +15550100", {"patterns.messenger"}),
        ("I deleted Telegram yesterday", set()),
        ("She lives at anna.b@mail.example in town", {"patterns.email_address"}),
        ("She is anna [at] mail [dot] example", {"patterns.email_address"}),
        ("Meet @anna at the station", set()),
        ("{Great|Nice|Fine} {post|article}", {"patterns.spin"}),
        ("Use {{Infobox|name}} there", set()),
    ],
)
def test_patterns_are_named(text, expected):
    assert run(Patterns(), text).keys() == expected


def test_praise_with_a_website_weighs_less_than_with_a_link_and_nothing_in_a_long_text():
    with_link = run(Patterns(), "Great article! https://other.example/")["patterns.praise_with_link"]
    with_website = run(Patterns(), "Great article!", website="https://me.example")[
        "patterns.praise_with_link"
    ]
    assert with_website.points < with_link.points
    assert run(Patterns(), "Great article! " + "But then again " * 20, website="https://me.example") == {}


def test_addresses_and_numbers_are_marked_and_never_repeated():
    text = "Write to anna.b@mail.example or +49 170 1234567"
    signals = run(Patterns(), text)
    assert marked(signals["patterns.email_address"], text) == ["anna.b@mail.example"]
    assert all(signal.params == {"count": 1} for signal in signals.values())


def test_more_phrases_weigh_more():
    one = run(Patterns(), "Click here")["patterns.pitch"]
    two = run(Patterns(), "Click here and follow me")["patterns.pitch"]
    assert (one.points, two.points) == (2.0, 3.0)
