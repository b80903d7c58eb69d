"""What thresholds are tried on: one site's comments whose fate is known."""

import pytest

from moderation.domain.status import Action
from moderation.engine.checks.markers import SPAM_MARKER
from moderation.engine.verdict.policy_io import default_policy
from moderation.engine.verdict.presets import Judged
from moderation.flow.comments.decide import Choice, decide
from moderation.queries.outcomes import approved_comments, removed_comments
from tests.builders import LINKED, build_moderator, build_site, person, submit, submit_screened

pytestmark = pytest.mark.django_db


def codes(comments: list[Judged]) -> list[set[str]]:
    return [{signal.code for signal in each.signals} for each in comments]


def test_published_comments_are_approved_ones_and_waiting_ones_are_neither():
    site = build_site()
    submit_screened(site, "A calm and reasonable remark.")
    submit_screened(site, LINKED[0], name="Bo", email="bo@reader.example")
    submit(site, "Not screened yet, nor decided.", name="Cy", email="cy@reader.example")
    assert len(approved_comments(site.id, default_policy())) == 1
    assert removed_comments(site.id, default_policy()) == []


def test_what_a_person_let_pass_or_removed_counts_with_its_signals():
    site = build_site()
    actor = person(build_moderator([site]))
    passed = submit_screened(site, LINKED[0])
    removed = submit_screened(site, LINKED[1], name="Bo", email="bo@reader.example")
    decide(Choice(passed.id), site_id=site.id, action=Action.APPROVE, reason="fine", actor=actor)
    decide(Choice(removed.id), site_id=site.id, action=Action.SPAM, reason="spam", actor=actor)
    (approved,) = codes(approved_comments(site.id, default_policy()))
    (taken,) = codes(removed_comments(site.id, default_policy()))
    assert "links.first_link" in approved
    assert "links.first_link" in taken


def test_what_the_engine_alone_removed_teaches_nothing():
    site = build_site()
    spam = submit_screened(site, f"Buy this: {SPAM_MARKER}")
    assert spam.status == "spam"
    assert removed_comments(site.id, default_policy()) == []


def test_another_sites_comments_are_not_looked_at():
    site, other = build_site(), build_site("The Other Paper", host="other.example")
    submit_screened(other, "A calm and reasonable remark.", url="https://other.example/first")
    assert approved_comments(site.id, default_policy()) == []
    assert len(approved_comments(other.id, default_policy())) == 1
