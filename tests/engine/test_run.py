import time
from collections.abc import Mapping
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.domain.signals import Axis, Field, Signal, signal_from_json, signal_to_json
from moderation.engine.checks.links import Links
from moderation.engine.facts import Context
from moderation.engine.registry import LOCAL_CHECKS
from moderation.engine.run import ENGINE_VERSION, engine_version, run_checks, warm_up
from moderation.language import features
from tests.engine.contexts import make_context

any_text = st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=300)
typed_text = st.lists(
    st.sampled_from(
        ["http://", "www.", "a.com", "/", "@", "[url=", "]", "<a href=", ">", "{a|", "}", "(", ")", "[",
         "1 2", "+49", "fuck", "check out my", "great post", " ", ".", "а", "\u200b", "\u202e", "\u0301",
         "𝐀", "xn--", "::", "#", "dot", "telegram:", "\ud800"]
    ),
    max_size=40,
).map("".join)  # fmt: skip


class Failing:
    """A check with a bug."""

    name = "failing"
    version = "1"
    axis = Axis.SPAM
    sentences: ClassVar[Mapping[str, str]] = {}

    def run(self, context: Context) -> list[Signal]:
        raise ValueError(f"cannot read {context.text}")


def test_a_check_that_raises_is_named_and_the_others_still_speak():
    run = run_checks(make_context("See http://other.example/ there"), (Failing(), *LOCAL_CHECKS))
    assert run.failed == ("failing",)
    failed, *others = run.signals
    assert (failed.code, failed.params) == (
        "engine.check_failed",
        {"check": "failing", "error": "ValueError"},
    )
    assert {"links.count", "links.first_link"} <= {signal.code for signal in others}


def test_signals_carry_their_check_its_version_and_how_long_it_took():
    run = run_checks(make_context("See http://other.example/ there"))
    found = {signal.check: signal.version for signal in run.signals}
    assert found.items() <= {(check.name, check.version) for check in LOCAL_CHECKS}
    assert found["links"] == Links().version
    assert all(signal.duration_ms > 0 for signal in run.signals)
    assert run.duration_ms > 0
    assert run.failed == ()


def test_the_engine_s_version_follows_its_checks():
    assert engine_version(LOCAL_CHECKS) == ENGINE_VERSION
    assert engine_version(LOCAL_CHECKS[1:]) != ENGINE_VERSION
    assert ENGINE_VERSION.startswith("1+")


def test_warming_up_loads_what_the_first_comment_would():
    features.detect_language.cache_clear()
    features._identifier.cache_clear()
    warm_up()
    assert features._identifier.cache_info().currsize == 1


@settings(deadline=None)
@given(any_text | typed_text, any_text | typed_text, any_text | typed_text, any_text)
def test_no_text_makes_any_check_fail(text, name, website, email_domain):
    context = make_context(
        text,
        author_name=name,
        website=website,
        email_domain=email_domain,
        languages=("en",),
        staff_names=("Ed", name),
        lists={"blocked_words": ["bad*", name], "blocked_domains": [website]},
    )
    run = run_checks(context)
    assert run.failed == ()
    lengths = {
        Field.BODY: len(text),
        Field.NAME: len(name),
        Field.WEBSITE: len(website),
        Field.EMAIL: len(email_domain),
    }
    for signal in run.signals:
        assert signal.points >= 0
        assert 0 <= signal.confidence <= 1
        assert all(0 <= span.start < span.end <= lengths[span.field] for span in signal.spans)
        assert signal_from_json(signal_to_json(signal)).code == signal.code


@pytest.mark.parametrize(
    "piece",
    ["a-", "aat", "a.", "http://", "<a href=x>", "[url=", "{a|", "1 ", "+1 (", "@", "great ", "telegram "],
)
def test_the_cost_of_a_text_grows_with_its_length_not_with_its_square(piece):
    def cost_s(length: int) -> float:
        context = make_context(piece * (length // len(piece)))
        began = time.process_time()
        run_checks(context)
        return time.process_time() - began

    warm_up()
    short = max(0.001, *(cost_s(1_250) for _ in range(3)))
    assert cost_s(20_000) < 80 * short  # sixteen times as long; a square would be 256 times as much
