import pytest

from moderation.engine.checks.markers import GTUBE, HOLD_MARKER, SPAM_MARKER, SPAM_NAME, Markers
from moderation.engine.verdict.judging import judge
from moderation.engine.verdict.policy_io import default_policy
from tests.engine.contexts import make_context, run


@pytest.mark.parametrize(
    ("text", "name", "outcome"),
    [
        (f"Is it on? {SPAM_MARKER}", "A Reader", "spam"),
        (GTUBE, "A Reader", "spam"),
        ("Hello", SPAM_NAME, "spam"),
        (f"Is it on? {HOLD_MARKER}", "A Reader", "hold"),
        ("Is it on?", "A Reader", "publish"),
    ],
)
def test_markers_always_give_their_verdict(text, name, outcome):
    signals = Markers().run(make_context(text, author_name=name))
    assert judge(signals, default_policy()).outcome == outcome


def test_the_marker_is_marked():
    (span,) = run(Markers(), f"ab {SPAM_MARKER}")["test.spam"].spans
    assert (span.start, span.end) == (3, 3 + len(SPAM_MARKER))
