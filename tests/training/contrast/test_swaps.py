"""Sentences that differ in nothing but the group that they speak of."""

from collections import defaultdict

import pytest

from training.contrast.swaps import sample_swaps, swap_terms
from training.contrast.terms import Term, terms_of


def test_the_sentences_of_a_template_differ_in_the_group_alone():
    forms = {term.plural: term for term in terms_of("test")}
    sentences: dict[str, set[str]] = defaultdict(set)
    rows = list(swap_terms("test", seed=3))
    for row in rows:
        assert row.harmless
        assert row.label == 0
        sentences[row.template].add(_without(row.text, forms[row.term]))
    assert len({row.term for row in rows}) == len(forms)
    assert all(len(left) <= 2 for left in sentences.values()), "an article may follow the group"


def test_drawn_swaps_come_again_by_seed_and_are_all_harmless():
    first, again, other = (sample_swaps("train", seed, 40) for seed in (1, 1, 2))
    assert first == again != other
    assert len(first) == 40
    assert all(row.harmless and row.term for row in first)


def test_the_seed_draws_the_other_words():
    first, again, other = ([row.text for row in swap_terms("dev", seed)] for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert len(first) == len(other)


def test_a_group_without_an_adjective_is_left_out_where_one_is_needed():
    bare = {term.plural for term in terms_of("test") if not term.adjective}
    if not bare:
        pytest.skip("every group has an adjective")
    assert not [row for row in swap_terms("test", 1) if "{g.a}" in row.template and row.term in bare]


def _without(text: str, term: Term) -> str:
    lowered = text.lower()
    for form in sorted({term.plural, term.singular, term.adjective} - {""}, key=len, reverse=True):
        lowered = lowered.replace(form.lower(), "*")
    return lowered
