import pytest

from moderation.engine.checks.spun import Spun
from tests.engine.contexts import marked, run

# Our own wording, in the manner of the templates and in none of them.
SPUN = (
    "Hello admin, I really like your web page, every post here is very informative. I have bookmarked this "
    "website and will come back to read your new articles. Thanks for sharing this great information!"
)
HARMLESS = (
    "The council should have asked the people who live there before it closed the road.",
    "Thanks for the article, but the second figure is wrong: the bridge cost four million, not forty.",
    "My grandmother baked this every Sunday, with rye flour and without the raisins.",
    "",
    "Great post!",
    "1 2 3 4 5 6 7 8 9",
)


def test_a_template_is_known_in_words_that_no_list_has():
    signal = run(Spun(), SPUN, website="https://heron.example")["spun.template"]
    assert signal.points == 3.0
    assert 1 <= len(marked(signal, SPUN)) <= 3


def test_without_an_address_it_is_half_a_doubt():
    assert run(Spun(), SPUN)["spun.template"].points == 1.5
    own = run(Spun(), SPUN, website="https://news.example/me")["spun.template"]
    assert own.points == 1.5


def test_short_thanks_from_a_reader_with_a_website_are_a_small_doubt():
    found = run(Spun(), "I really enjoyed this article, thank you.", website="https://heron.example")
    assert found["spun.template"].points <= 1.5


def test_words_may_be_exchanged():
    other = (
        SPUN.replace("web page", "weblog").replace("post", "write-up").replace("bookmarked", "book-marked")
    )
    assert "spun.template" in run(Spun(), other)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_readers_write_is_left_alone(text):
    assert run(Spun(), text, website="https://heron.example") == {}
