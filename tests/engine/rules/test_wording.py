"""Rules and what they say, as sentences."""

import pytest

from moderation.domain.rules import ACTION_CODES, SHADOW_CODE
from moderation.engine.rules.wording import say_rule
from moderation.engine.sentences import has_sentence, say
from tests.engine.rules.texts import rule
from tests.rules import line


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            rule(line("body", "word", "casino"), line("published", "at_most", 1)),
            "Hold if the body contains the word “casino” and the author has at most 1 published comment.",
        ),
        (
            rule(
                line("published", "at_least", 2, group="none"),
                line("body", "contains", "a", "b"),
                action="spam",
            ),
            (
                "Mark as spam if the body contains “a” or “b” and the author has fewer than 2 published "
                "comments."
            ),
        ),
        (
            rule(
                line("links", "at_least", 2, group="any"),
                line("is_reply", "equals", False, group="any"),
                line("language", "equals", "de"),
                action="route",
                queue="legal",
            ),
            (
                "Hold in the queue “legal” if the language is “de” and (the comment has at least 2 links or "
                "the comment is not a reply)."
            ),
        ),
        (
            rule(line("signal", "one_of", "links.*", "wordlist.mild", group="none"), action="reject"),
            "Reject if the checks did not find “links.*” or “wordlist.mild”.",
        ),
        (rule(line("link_host", "equals", "bad.example")), "Hold if a link leads to “bad.example”."),
        (
            rule(line("link_host", "contains", "casino", group="none")),
            "Hold if no link leads to a host that contains “casino”.",
        ),
        (
            rule(line("body", "one_of", *"abcdefg")),
            "Hold if the body is one of “a”, “b”, “c”, “d”, “e” or 2 more.",
        ),
        (
            rule(line("is_proven", "equals", True, group="none"), line("score_spam", "at_least", 2.5)),
            "Hold if the score for spam is at least 2.5 and the author's address is not proven.",
        ),
        (
            rule(line("body", "matches_folded", "v.agra"), line("hour", "one_of", 2, 3)),
            "Hold if the body matches, disguises undone, “v.agra” and the hour (UTC) is exactly 2 or 3.",
        ),
    ],
)
def test_a_rule_reads_as_a_sentence(text, sentence):
    assert say_rule(text) == sentence


@pytest.mark.parametrize("code", [*ACTION_CODES.values(), SHADOW_CODE])
def test_every_code_has_a_sentence(code):
    assert has_sentence(code)
    assert "Casinos" in say(code, {"rule": "Casinos", "version": 1, "action": "hold", "queue": "legal"})
