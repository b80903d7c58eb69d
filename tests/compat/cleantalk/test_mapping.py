"""From verdicts to CleanTalk's answers."""

from dataclasses import replace
from typing import Any

import pytest

from moderation.compat.analysis import analyse
from moderation.compat.cleantalk.mapping import build_answer, to_analyse
from moderation.compat.cleantalk.reading import Method, read_check
from moderation.engine.facts import SiteFacts
from moderation.engine.rules.site_rules import SiteRules
from moderation.engine.verdict.policy import Policy
from moderation.engine.verdict.policy_io import default_policy
from moderation.queries.site_facts import JudgingSite
from tests.compat.cleantalk.test_reading import FULL

POLICY = default_policy()
THREAT = "You are a stupid idiot and I will find you and kill you."
SPAM = "Buy cheap viagra now http://spam.example/casino http://pills.example/x"


def answer_to(
    message: str, policy: Policy = POLICY, method: Method = Method.CHECK_MESSAGE, **changes: Any
) -> dict[str, Any]:
    asked = read_check(FULL | {"message": message} | changes)
    site = JudgingSite(SiteFacts(site_id=""), policy, SiteRules())
    return build_answer("id", analyse(to_analyse(asked, method), site), asked, policy, method)


@pytest.mark.parametrize(
    ("message", "policy", "answer"),
    [
        ("Well observed.", POLICY, {"allow": 1, "stop_queue": 0, "spam": 0, "codes": "ALLOWED"}),
        (THREAT, POLICY, {"allow": 0, "stop_queue": 0, "spam": 0, "codes": "FORBIDDEN HELD ABUSE"}),
        (SPAM, POLICY, {"allow": 0, "stop_queue": 0, "spam": 1, "codes": "FORBIDDEN SPAM"}),
        (
            SPAM,
            replace(POLICY, spam_at=3.0),
            {"allow": 0, "stop_queue": 1, "spam": 1, "codes": "FORBIDDEN SPAM"},
        ),
        (
            THREAT,
            replace(POLICY, reject_codes=frozenset({"wordlist.threat"})),
            {"allow": 0, "stop_queue": 1, "spam": 1, "codes": "FORBIDDEN RULE ABUSE"},
        ),
        ("word " * 3000, POLICY, {"allow": 0, "stop_queue": 0, "spam": 0, "codes": "FORBIDDEN HELD"}),
    ],
)
def test_the_verdict_becomes_an_answer(message: str, policy: Policy, answer: dict[str, Any]):
    found = answer_to(message, policy)
    assert {name: found[name] for name in answer} == answer


def test_a_form_sent_at_once_counts_and_is_said():
    quick, slow = answer_to("Well observed.", submit_time=1), answer_to("Well observed.", submit_time=60)
    assert (quick["fast_submit"], quick["allow"]) == (1, 0)
    assert (slow["fast_submit"], slow["allow"]) == (0, 1)


def test_without_a_time_nothing_is_said_of_the_form():
    found = answer_to("Well observed.", submit_time=None)
    assert (found["fast_submit"], found["allow"]) == (0, 1)


def test_without_script_is_said_and_counts_for_nothing():
    found = answer_to("Well observed.", js_on=0)
    assert (found["js_disabled"], found["allow"]) == (1, 1)


def test_a_registration_is_judged_by_name_and_address():
    throwaway = {"sender_email": "ada@mailinator.com", "sender_nickname": "buy viagra casino online"}
    found = answer_to("", replace(POLICY, hold_at=1.0), Method.CHECK_NEWUSER, **throwaway)
    assert (found["allow"], found["inactive"]) == (0, 1)
    fine = answer_to(SPAM, POLICY, Method.CHECK_NEWUSER)  # the text of a message is none of a registration
    assert (fine["allow"], fine["inactive"]) == (1, 0)


def test_the_comment_is_a_sentence_in_stars():
    assert answer_to("Well observed.")["comment"] == "*** Allowed. ***"
    assert answer_to(THREAT)["comment"].startswith("*** A moderator should look at this. ")
