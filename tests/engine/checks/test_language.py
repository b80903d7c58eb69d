import pytest

from moderation.engine.checks.language import Language
from tests.engine.contexts import run

ENGLISH = "I have read the article twice and still do not know what the council has decided in the end."
RUSSIAN = "Я прочитал статью дважды и всё ещё не понимаю, почему никто не спросил самих жителей города."


@pytest.mark.parametrize(
    ("text", "languages", "is_named"),
    [
        (ENGLISH, ("en",), False),
        (ENGLISH, ("en-GB", "de"), False),
        (ENGLISH, (), False),
        (RUSSIAN, (), False),
        (RUSSIAN, ("en",), True),
        (RUSSIAN, ("ru",), False),
        ("Привет!", ("en",), False),
        ("", ("en",), False),
    ],
)
def test_a_language_that_is_not_the_site_s_is_named(text, languages, is_named):
    assert ("language.other" in run(Language(), text, languages=languages)) == is_named


def test_it_says_which_language():
    signal = run(Language(), RUSSIAN, languages=("en", "de"))["language.other"]
    assert signal.params == {"language": "ru", "expected": "de, en"}
