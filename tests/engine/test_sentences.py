import pytest

from moderation.domain.signals import CHECK_FAILED
from moderation.engine.registry import LOCAL_CHECKS
from moderation.engine.sentences import has_sentence, say
from moderation.engine.verdict.judging import PREMODERATED

CODES = sorted({CHECK_FAILED, PREMODERATED}.union(*(check.sentences for check in LOCAL_CHECKS)))


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_sentence(code):
    assert has_sentence(code)
    assert say(code, {})


@pytest.mark.parametrize(
    ("code", "params", "sentence"),
    [
        ("links.count", {"count": 1}, "1 link"),
        ("links.shortener", {"count": 3, "host": "bit.ly"}, "3 links through a shortener (bit.ly)"),
        ("links.shortener", {}, "… links through a shortener (…)"),
        ("patterns.spin", {"count": 1}, "A template with words to choose from: {a|b}"),
        ("old.{code}", {}, "old.{code}"),
    ],
)
def test_sentences_read_well(code, params, sentence):
    assert say(code, params) == sentence
