"""From Coral's requests to texts, and from verdicts to Coral's statuses."""

import json
from dataclasses import replace
from typing import Any

import pytest

from moderation.compat.analysis import analyse
from moderation.compat.coral.mapping import CoralRefused, build_answer, read_request
from moderation.engine.facts import SiteFacts
from moderation.engine.rules.site_rules import SiteRules
from moderation.engine.verdict.policy import Policy
from moderation.engine.verdict.policy_io import default_policy
from moderation.queries.site_facts import JudgingSite

POLICY = default_policy()
THREAT = "You are a stupid idiot and I will find you and kill you."
LINKED = (
    "I was there yesterday, and half of the ferry's passengers did not know that the bridge will be closed "
    "again in the autumn; the dates are at https://www.example.org/bridge and on the posters."
)
SPAM = "Buy cheap viagra now http://spam.example/casino http://pills.example/x"


def coral_body(**changes: Any) -> bytes:
    body: dict[str, Any] = {
        "action": "NEW",
        "comment": {"body": "Well observed.", "parentID": None},
        "author": {"id": "a", "role": "COMMENTER"},
        "story": {"id": "s", "url": "https://news.example/posts/a-story/"},
        "site": {"id": "x"},
        "tenantID": "t",
        "tenantDomain": "comments.news.example",
    }
    return json.dumps(body | changes).encode()


def answer_to(text: str, policy: Policy = POLICY) -> Any:
    asked = read_request(coral_body(comment={"body": text, "parentID": None}))
    site = JudgingSite(SiteFacts(site_id=""), policy, SiteRules())
    return build_answer(asked, analyse(asked.text, site), policy)


def flags(*reasons: str) -> list[dict[str, str]]:
    return [{"actionType": "FLAG", "reason": f"COMMENT_DETECTED_{reason}"} for reason in reasons]


@pytest.mark.parametrize(
    ("text", "policy", "answer"),
    [
        ("The bridge opens in May.", POLICY, None),
        (LINKED, POLICY, None),
        (THREAT, POLICY, {"status": "SYSTEM_WITHHELD", "actions": flags("TOXIC")}),
        (SPAM, POLICY, {"status": "SYSTEM_WITHHELD", "actions": flags("SPAM")}),
        (f"{THREAT} {SPAM}", POLICY, {"status": "SYSTEM_WITHHELD", "actions": flags("TOXIC", "SPAM")}),
        ("The bridge.", replace(POLICY, premoderate=True), {"status": "PREMOD", "actions": []}),
        (
            THREAT,
            replace(POLICY, reject_codes=frozenset({"wordlist.threat"})),
            {"status": "REJECTED", "actions": flags("TOXIC")},
        ),
        (THREAT, replace(POLICY, abuse_hold_at=1000.0), None),
        ("word " * 3000, POLICY, {"status": "PREMOD", "actions": []}),
    ],
)
def test_the_verdict_becomes_a_status_with_flags(text: str, policy: Policy, answer: Any):
    assert answer_to(text, policy) == answer


def test_a_request_is_read():
    comment = {"body": "<div>One</div>", "parentID": "p"}
    asked = read_request(coral_body(action="EDIT", comment=comment))
    assert (asked.text.text, asked.text.is_reply) == ("One", True)
    assert asked.text.thread_url == "https://news.example/posts/a-story/"
    assert not asked.is_staff
    assert asked.is_whole


@pytest.mark.parametrize("role", ["STAFF", "MODERATOR", "ADMIN"])
def test_who_works_there_is_known(role: str):
    assert read_request(coral_body(author={"id": "a", "role": role})).is_staff


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        coral_body(action="DELETE"),
        coral_body(action={}),
        coral_body(comment="x"),
        coral_body(comment={"body": 1}),
        coral_body(author=None),
        coral_body(story=[]),
    ],
)
def test_anything_else_is_refused(body: bytes):
    with pytest.raises(CoralRefused):
        read_request(body)


def test_half_characters_and_odd_stories_do_no_harm():
    odd = {"comment": {"body": "half \ud800", "parentID": 7}, "story": {"url": 3}, "author": {"role": []}}
    asked = read_request(coral_body(**odd))
    assert asked.text.text == "half \ufffd"
    assert (asked.text.is_reply, asked.text.thread_url) == (False, "")
