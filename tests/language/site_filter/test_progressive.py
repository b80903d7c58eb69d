"""The filter is switched off when it does worse than the shared model, and on again when it leads."""

from moderation.language.site_filter.progressive import LEAST_OF_EACH, WINDOW, Running, follow

RIGHT = [(float(label), 0.0, label) for label in (0, 1) * 50]  # the filter knows, the shared model does not
WRONG = [(-float(label), 0.0, label) for label in (0, 1) * 50]
EVEN = [(0.0, 0.0, label) for label in (0, 1) * 50]


def test_it_is_rolled_back_and_comes_back_when_it_leads():
    begun = follow(Running(), RIGHT)
    assert (begun.site, begun.shared, begun.is_on) == (1.0, 0.5, True)
    behind = follow(begun, [*RIGHT, *WRONG, *WRONG])
    assert (behind.site, behind.is_on) == (0.0, False)
    assert not follow(
        behind, [(label * 0.9, float(label), label) for label in (0, 1) * 49] + [(1, 0, 0), (0, 1, 1)] * 5
    ).is_on
    assert follow(behind, RIGHT).is_on


def test_a_little_behind_is_not_yet_fallen_behind():
    nearly = [*EVEN, (-1.0, 0.0, 1)]
    assert 0.48 < (follow(Running(), nearly).site or 0) < 0.5
    assert follow(Running(), nearly).is_on
    assert not follow(Running(is_on=False), nearly).is_on


def test_too_few_decisions_of_a_kind_say_nothing():
    few = [(1.0, 0.0, 0)] * 100 + [(0.0, 1.0, 1)] * (LEAST_OF_EACH - 1)
    assert follow(Running(), few) == Running(len(few), None, None, is_on=True)
    assert not follow(Running(is_on=False), few).is_on


def test_only_the_latest_count():
    assert follow(Running(), [*WRONG * 9, *RIGHT * 2]) == follow(Running(), RIGHT * 2)
    assert follow(Running(), RIGHT * 9).count == WINDOW


def test_following_twice_is_following_once():
    once = follow(Running(), WRONG)
    assert follow(once, WRONG) == once
