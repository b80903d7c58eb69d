"""The filter is switched off when it does worse than the shared model, and on again when it has caught up."""

from moderation.language.site_filter.progressive_validation import (
    LEAST_OF_EACH,
    WINDOW,
    ProgressiveValidation,
    validate,
)

RIGHT = [(float(label), 0.0, label) for label in (0, 1) * 50]  # the filter knows, the shared model does not
WRONG = [(-float(label), 0.0, label) for label in (0, 1) * 50]
EVEN = [(0.0, 0.0, label) for label in (0, 1) * 50]


def test_it_is_switched_off_and_on_again_when_it_leads():
    begun = validate(ProgressiveValidation(), RIGHT)
    assert (begun.site_auc, begun.shared_auc, begun.is_on) == (1.0, 0.5, True)
    behind = validate(begun, [*RIGHT, *WRONG, *WRONG])
    assert (behind.site_auc, behind.is_on) == (0.0, False)
    assert not validate(
        behind, [(label * 0.9, float(label), label) for label in (0, 1) * 49] + [(1, 0, 0), (0, 1, 1)] * 5
    ).is_on
    assert validate(behind, RIGHT).is_on


def test_a_little_behind_is_not_yet_fallen_behind():
    nearly = [*EVEN, (-1.0, 0.0, 1)]
    assert 0.48 < (validate(ProgressiveValidation(), nearly).site_auc or 0) < 0.5
    assert validate(ProgressiveValidation(), nearly).is_on
    assert not validate(ProgressiveValidation(is_on=False), nearly).is_on


def test_too_few_decisions_of_a_label_have_no_result():
    few = [(1.0, 0.0, 0)] * 100 + [(0.0, 1.0, 1)] * (LEAST_OF_EACH - 1)
    assert validate(ProgressiveValidation(), few) == ProgressiveValidation(len(few), None, None, is_on=True)
    assert not validate(ProgressiveValidation(is_on=False), few).is_on


def test_only_the_latest_count():
    assert validate(ProgressiveValidation(), [*WRONG * 9, *RIGHT * 2]) == validate(
        ProgressiveValidation(), RIGHT * 2
    )
    assert validate(ProgressiveValidation(), RIGHT * 9).count == WINDOW


def test_validating_twice_is_validating_once():
    once = validate(ProgressiveValidation(), WRONG)
    assert validate(once, WRONG) == once
