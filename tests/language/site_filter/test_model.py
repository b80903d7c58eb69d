"""The small regression starts at the shared model and uses significant features only."""

import numpy as np
import pytest

from moderation.language.site_filter.features import SIZE, UNPROVEN, Features
from moderation.language.site_filter.logistic_regression import Problem, minimise
from moderation.language.site_filter.model import AxisExample, Parts, contributions, fit_weights, split_parts
from tests.language.site_filter.examples import DISLIKED, row, tasteful


def examples(count: int = 60) -> list[AxisExample]:
    return [AxisExample(each.features, 0.0, next(iter(each.labels.values()))) for each in tasteful(count)]


def test_without_examples_nothing_is_added():
    weights = fit_weights([])
    assert split_parts(weights, row(f"a {DISLIKED}")) == Parts(0.0, 0.0)


def test_a_disliked_word_is_found_and_the_others_get_no_weight():
    weights = fit_weights(examples())
    assert split_parts(weights, row(f"about a {DISLIKED}")).words > 1.0
    assert abs(split_parts(weights, row("about the council")).words) < 0.3


def test_a_word_of_two_examples_has_no_weight_yet():
    plain = [AxisExample(row(f"w{number} v{number}"), 0.0, number % 2) for number in range(20)]
    twice = [AxisExample(row(f"{DISLIKED} u{number}"), 0.0, 1) for number in range(2)]
    assert split_parts(fit_weights([*plain, *twice]), row(DISLIKED)).words == 0.0


def test_what_the_shared_model_knows_is_not_learned_again():
    """Where it is right and sure, no residual is left for any word."""
    sure = [AxisExample(each.features, 12.0 if each.label else -12.0, each.label) for each in examples()]
    assert np.abs(fit_weights(sure)).max() < 0.1


def test_an_address_that_nobody_has_proven_earns_suspicion_only():
    weights = np.zeros(SIZE, dtype=np.float16)
    weights[UNPROVEN + 1], weights[UNPROVEN + 2] = -2.0, 2.0
    author = [UNPROVEN + 1, UNPROVEN + 2]
    features = Features(np.array(author, dtype=np.uint32), np.ones(2, dtype=np.float32))
    assert contributions(weights, features).tolist() == [0.0, 2.0]


def test_the_minimum_is_one_from_which_no_step_leads_down():
    each = examples(30)
    problem = Problem.of(
        [(e.features.indices, e.features.values) for e in each],
        offsets=[0.3] * len(each),
        labels=[e.label for e in each],
        weights=[0.7] * len(each),
    )
    found = minimise(problem, SIZE)
    loss, gradient = problem.loss(found)
    assert np.abs(gradient).max() < 0.02
    generator = np.random.default_rng(1)
    for _ in range(20):
        step = np.zeros(SIZE)
        step[problem.columns] = generator.normal(size=problem.columns.size) / 10
        assert problem.loss(found + step)[0] > loss


def test_the_gradient_is_that_of_the_loss():
    problem = Problem.of(
        [(e.features.indices, e.features.values) for e in examples(10)],
        offsets=[0.1] * 10,
        labels=[1, 0] * 5,
        weights=[1.0] * 10,
    )
    at = np.full(SIZE, 0.05)
    _, gradient = problem.loss(at)
    column = int(problem.columns[3])
    step = np.zeros(SIZE)
    step[column] = 1e-5
    slope = (problem.loss(at + step)[0] - problem.loss(at - step)[0]) / 2e-5
    assert slope == pytest.approx(gradient[column], abs=1e-4)


def test_a_problem_without_columns_has_nothing_to_find():
    problem = Problem.of(
        [(np.zeros(0, np.uint32), np.zeros(0, np.float32))], offsets=[0], labels=[1], weights=[1]
    )
    assert not minimise(problem, 3).any()


def test_a_typical_comment_stays_where_the_shared_model_put_it():
    """Else comments from before and after a refit could not be compared."""
    harsh = [AxisExample(row(f"text {key}", abuse=-4.0), -4.0, int(key % 4 > 0), 0.5) for key in range(80)]
    weights = fit_weights(harsh)
    parts = [split_parts(weights, each.features).facts for each in harsh]
    assert sum(parts) / len(parts) == pytest.approx(0.0, abs=0.01)
