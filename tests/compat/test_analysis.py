"""The engine at once, without the database."""

from dataclasses import replace

import pytest
from pytest_django import DjangoAssertNumQueries

from moderation.compat.analysis import ToAnalyse, analyse
from moderation.domain.status import Outcome
from moderation.engine.attribute_scale import scale_version
from moderation.engine.attributes import Attribute
from moderation.engine.verdict.judging import judge
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import change_policy
from moderation.models import Site
from moderation.queries.judging_memory import judging_site
from tests.builders import build_site
from tests.rules import line, make_rule, rule_text

INSULT = "You are a stupid worthless idiot, and everybody hates you."

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return build_site()


def test_no_query_is_made(site: Site, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    judging = judging_site(site.id)
    with django_assert_num_queries(0):
        found = analyse(ToAnalyse(text=INSULT), judging)
    assert found.scores[Attribute.TOXICITY] >= 0.5
    assert found.verdict.outcome == Outcome.HOLD
    assert (found.language, found.version) == ("en", scale_version())


def test_the_sites_rules_count(site: Site) -> None:
    make_rule(site, rule_text(line("body", "word", "heron"), action="reject"))
    found = analyse(ToAnalyse(text="A heron stood by the pond."), judging_site(site.id))
    assert found.verdict.outcome == Outcome.REJECT
    assert found.scores[Attribute.LIKELY_TO_REJECT] >= 0.9


def test_premoderation_makes_no_comment_likely_to_be_rejected(site: Site) -> None:
    change_policy(site.id, settings={"premoderate": True}, actor=SYSTEM)
    found = analyse(ToAnalyse(text="A heron stood by the pond."), judging_site(site.id))
    assert found.verdict.outcome == Outcome.HOLD
    assert found.scores[Attribute.LIKELY_TO_REJECT] < 0.5


def test_a_text_too_short_to_tell_has_no_language(site: Site) -> None:
    assert analyse(ToAnalyse(text="ok"), judging_site(site.id)).language == ""


def test_marked_words_change_no_score(site: Site) -> None:
    plain, marked = (
        analyse(ToAnalyse(text=INSULT, marks_words=marks), judging_site(site.id)) for marks in (False, True)
    )
    assert (plain.scores, plain.verdict.scores) == (marked.scores, marked.verdict.scores)
    of_models = [
        [signal.spans for signal in found.run.signals if signal.check == "model"] for found in (plain, marked)
    ]
    assert of_models[0] == [()]
    assert of_models[1] != [()]


def test_a_verdict_of_an_analysis_is_the_engines_without_its_explanation(site: Site) -> None:
    judging = judging_site(site.id)
    found = analyse(ToAnalyse(text=INSULT), judging)
    whole = judge(found.run.signals, judging.policy, failed=found.run.failed)
    assert whole.explanation
    assert found.verdict == replace(whole, explanation="")
