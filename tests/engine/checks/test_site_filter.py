"""The check of the site's filter: it gives bounded signals, and none where the filter is not fitted."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from moderation.domain.signals import Axis, Signal
from moderation.domain.status import Outcome
from moderation.engine.checks import site_filter
from moderation.engine.checks.site_filter import SiteFilterCheck
from moderation.engine.facts import AuthorFacts
from moderation.engine.run import run_checks
from moderation.engine.verdict.judging import judge
from moderation.engine.verdict.policy_io import default_policy
from moderation.language.site_filter.blend import Blend
from moderation.language.site_filter.features import SharedPrediction
from moderation.language.site_filter.progressive_validation import ProgressiveValidation
from moderation.language.site_filter.training import (
    AxisFilter,
    LearnedFilter,
    Prediction,
    TrainingExample,
    fit_filters,
)
from tests.engine.contexts import make_context, marked
from tests.language.site_filter.examples import DISLIKED, example, tasteful

TRAINED = Blend(scale=1.0, facts=1.0, words=1.5)


def learned(examples: Sequence[TrainingExample], axis: Axis = Axis.ABUSE, **changes: Any) -> LearnedFilter:
    """A filter fitted on these examples, with much weight on words."""
    axes = fit_filters(examples, {})
    axes[axis] = replace(axes[axis], blend=TRAINED, **changes)
    return LearnedFilter(7, axes)


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """What the shared model says of every text; a test may change it."""
    says = {"abuse": 0.0, "spam": -4.0}
    monkeypatch.setattr(
        site_filter, "predict_shared", lambda text: SharedPrediction(says["abuse"], says["spam"], {})
    )
    return says


def run(text: str, filter_: LearnedFilter | None, **given: Any) -> dict[str, Signal]:
    context = make_context(text, **given)
    context = replace(context, site=replace(context.site, learned=filter_))
    signals = SiteFilterCheck().run(context)
    assert {signal.code for signal in signals} <= SiteFilterCheck.sentences.keys()
    return {signal.code: signal for signal in signals}


def test_it_says_nothing_where_no_filter_is_fitted(shared):
    assert run(f"a {DISLIKED}", None) == {}
    assert run(f"a {DISLIKED}", LearnedFilter(1, {Axis.ABUSE: AxisFilter(), Axis.SPAM: AxisFilter()})) == {}


def test_it_says_what_moderators_would_decide_and_where_it_stands(shared):
    text = f"What about a {DISLIKED}, then?"
    signal = run(text, learned(tasteful(60)))["site_filter.abuse"]
    assert signal.axis == Axis.ABUSE
    assert 0 < signal.points <= SiteFilterCheck.Options().most_points
    assert signal.params["lessons"] == 60
    assert signal.params["filter"] == 7
    assert 50 < float(signal.params["percent"]) <= 100
    assert any(DISLIKED in piece for piece in marked(signal, text))


def test_it_is_quiet_about_what_the_site_lets_pass(shared):
    assert run("What about the council, then?", learned(tasteful(60))) == {}


def test_each_axis_has_its_own_signal(shared):
    advertising = [
        example(each.key, "", each.labels[Axis.ABUSE], axis=Axis.SPAM, features=each.features)
        for each in tasteful(60)
    ]
    shared["spam"] = 0.0
    assert set(run(f"a {DISLIKED}", learned(advertising, Axis.SPAM))) == {"site_filter.spam"}


def test_few_examples_count_less(shared):
    few, many = tasteful(24), tasteful(200)
    text = f"a {DISLIKED}"
    shared["abuse"] = 2.0
    sparse, ample = run(text, learned(few)), run(text, learned(many))
    assert sparse["site_filter.abuse"].confidence < 0.6
    assert ample["site_filter.abuse"].confidence > 0.9


def test_a_filter_that_was_switched_off_gives_no_signal(shared):
    behind = learned(tasteful(60), validation=ProgressiveValidation(60, 0.5, 0.9, is_on=False))
    assert run(f"a {DISLIKED}", behind) == {}


def test_it_takes_back_what_only_the_shared_model_objects_to(shared):
    """Moderators who let pass what the shared model finds suspicious."""
    lenient = [
        example(key, f"text {key}", int(key % 10 == 0), prior=Prediction(0.0, None, 0.0))
        for key in range(100)
    ]
    filter_ = learned(lenient)
    calm = replace(
        filter_, axes={**filter_.axes, Axis.ABUSE: replace(filter_.axes[Axis.ABUSE], blend=Blend(shift=-4.0))}
    )
    shared["abuse"] = 1.0
    signal = run("damn it", calm)["site_filter.clean"]
    assert (signal.axis, signal.relieves) == (Axis.TRUST, Axis.ABUSE)
    assert signal.params["axis"] == "abuse"
    shared["abuse"] = -3.0  # it would not have said anything
    assert run("damn it", calm) == {}


def verdict(*signals: Signal) -> tuple[Outcome, float]:
    found = judge(signals, default_policy())
    return found.outcome, found.scores["abuse"]


MODEL = Signal("model.insult", Axis.ABUSE, 4.0, "model")
RELIEF = Signal("site_filter.clean", Axis.TRUST, 8.0, "model", relieves=Axis.ABUSE)


def test_relief_takes_back_no_more_than_the_models_gave():
    words = Signal("wordlist.slur", Axis.ABUSE, 4.0, "profanity")
    assert verdict(MODEL) == (Outcome.HOLD, 4.0)
    assert verdict(MODEL, RELIEF) == (Outcome.PUBLISH, 0.0)
    assert verdict(MODEL, words, RELIEF) == (Outcome.HOLD, 4.0)
    assert verdict(MODEL, replace(RELIEF, points=1.0)) == (Outcome.PUBLISH, 3.0)
    own = Signal("site_filter.abuse", Axis.ABUSE, 4.0, "model")
    assert verdict(MODEL, own, RELIEF) == (Outcome.HOLD, 4.0)
    assert verdict(RELIEF) == (Outcome.PUBLISH, 0.0)
    doubt = Signal("links.many", Axis.SPAM, 3.0, "link")
    assert verdict(doubt, RELIEF)[0] == Outcome.HOLD  # it earns no trust beside the models


def test_what_was_taken_back_is_no_reason():
    words = Signal("wordlist.slur", Axis.ABUSE, 4.0, "profanity")
    reasons = judge([MODEL, words, RELIEF], default_policy()).reasons
    assert [reason.code for reason in reasons] == ["wordlist.slur"]
    half = judge([MODEL, words, replace(RELIEF, points=1.0)], default_policy())
    assert {reason.code: reason.points for reason in half.reasons} == {
        "wordlist.slur": 4.0,
        "model.insult": 3.0,
    }
    assert "without wordlist.slur" in half.explanation


def test_a_filter_that_cannot_be_read_holds_the_comment(shared):
    context = make_context("A calm remark.")
    broken = replace(context, site=replace(context.site, learned=LearnedFilter(3, {}, is_broken=True)))
    found = run_checks(broken, [SiteFilterCheck()])
    assert found.failed == ("site_filter",)
    assert judge(found.signals, default_policy(), failed=found.failed).outcome == Outcome.HOLD


def test_relief_of_advertising_leaves_what_the_links_say():
    links = Signal("links.count", Axis.SPAM, 4.0, "link")
    model = Signal("model.spam", Axis.SPAM, 4.0, "link")
    scores = judge([links, model, replace(RELIEF, relieves=Axis.SPAM)], default_policy()).scores
    assert (scores["spam"], scores["trust"]) == (4.0, 0.0)


def test_relief_opens_no_door_that_a_code_has_shut():
    staff = Signal("impersonation.staff", Axis.SPAM, 0.0, "identity")
    assert verdict(MODEL, RELIEF, staff)[0] == Outcome.HOLD


def test_an_author_without_a_proven_address_earns_no_relief(shared):
    """Examples about one author: all of theirs were fine, others' were not."""
    from tests.language.site_filter.examples import row

    examples = [
        example(
            key, "", key % 2, features=row(f"text {key}", author="" if key % 2 else "ada", is_proven=proven)
        )
        for proven in (False,)
        for key in range(80)
    ]
    filter_ = learned(examples)
    shared["abuse"] = 1.0
    typed = run("text 5", filter_, author=AuthorFacts(key="ada"))
    stranger = run("text 5", filter_)
    assert typed.keys() == stranger.keys()
    assert [s.points for s in typed.values()] == [s.points for s in stranger.values()]
