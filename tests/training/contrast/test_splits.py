"""What dev and test measure, training has not seen: no template, no claim, and a quarter of the terms."""

import itertools
import random
import re
from collections.abc import Iterator

import pytest

from training.contrast import generate
from training.contrast.bank import SPLITS, _entries, _sections, templates, words
from training.contrast.grammar import Filler
from training.contrast.kinds import KINDS
from training.contrast.terms import TermPicker, all_terms, terms_of

_PAIRS_OF_SPLITS = list(itertools.combinations(SPLITS, 2))
_SLOT = re.compile(r"\{[^}]*\}")


def _texts(split: str) -> Iterator[str]:
    for lines in templates(split).values():
        for template in lines:
            yield template.text
            if template.twin:
                yield template.twin


def _runs(split: str, length: int) -> set[tuple[str, ...]]:
    """Every run of words between two slots, so that shared slots are not taken for shared wording."""
    found: set[tuple[str, ...]] = set()
    for text in [*_texts(split), *words(split)["claim"], *words(split)["praise"]]:
        for part in _SLOT.split(text.lower()):
            tokens = re.findall(r"[\w']+", part)
            found.update(tuple(tokens[i : i + length]) for i in range(len(tokens) - length + 1))
    return found


@pytest.mark.parametrize(("one", "other"), _PAIRS_OF_SPLITS)
def test_no_template_is_in_two_splits(one, other):
    assert not {_SLOT.sub("", t.lower()) for t in _texts(one) if len(_SLOT.sub("", t)) > 12} & {
        _SLOT.sub("", t.lower()) for t in _texts(other)
    }
    assert not set(_texts(one)) & set(_texts(other))


@pytest.mark.parametrize(("one", "other"), _PAIRS_OF_SPLITS)
def test_no_wording_of_six_words_is_in_two_splits(one, other):
    assert not _runs(one, 6) & _runs(other, 6)


@pytest.mark.parametrize(("one", "other"), _PAIRS_OF_SPLITS)
@pytest.mark.parametrize("name", ["claim", "praise"])
def test_no_claim_is_in_two_splits(one, other, name):
    assert not set(words(one)[name]) & set(words(other)[name])


def test_there_are_enough_terms_and_a_quarter_is_kept_from_training():
    kept = [term for term in all_terms() if term.held_out]
    assert len(all_terms()) >= 80
    assert 0.22 <= len(kept) / len(all_terms()) <= 0.30
    assert len({term.plural for term in all_terms()}) == len(all_terms())


def test_training_never_names_a_term_that_is_kept_from_it():
    kept = {term.plural.lower() for term in all_terms() if term.held_out}
    spoken = {row.term.lower() for row in generate("train", 1, 4000)}
    assert spoken
    assert not spoken & kept
    written = " ".join([*_texts("train"), *itertools.chain(*words("train").values())]).lower()
    for term in all_terms():
        if term.held_out:
            for form in (term.plural, term.singular):
                assert not re.search(rf"\b{re.escape(form.lower())}\b", written), form


def test_shared_lists_keep_words_from_training():
    for name in ("insult_np", "insult_adj", "threat_vp", "g_bad", "topic", "name", "swear_np"):
        train, dev = set(words("train")[name]), set(words("dev")[name])
        assert len(dev - train) >= 4
        for heading, lines in _sections("words"):
            if heading == [name] and "--" in lines:
                assert train.isdisjoint(_entries(lines[lines.index("--") + 1 :]))
        assert words("test")[name] == words("dev")[name]


def test_slurs_come_from_the_shipped_list_alone():
    typed = {
        word for split in SPLITS for text in _texts(split) for word in re.findall(r"[a-z]+", text.lower())
    }
    assert words("train")["slur"]
    assert not typed & set(words("dev")["slur"])
    assert set(words("train")["slur"]) < set(words("dev")["slur"])


@pytest.mark.parametrize("split", SPLITS)
def test_every_template_can_be_filled(split):
    source = random.Random(1)
    for lines in templates(split).values():
        for template in lines:
            filler = Filler(words(split), TermPicker(terms_of(split), source), source)
            for text in filler.fill([template.text, template.twin], harmless=True):
                assert not re.search(r"[{}]", text), template


@pytest.mark.parametrize("split", SPLITS)
def test_every_kind_has_templates(split):
    found = templates(split)
    assert set(found) == {*KINDS, "opening", "closing"}
    benign = sum(len(found[k]) for k in ("thanks", "question", "disagreement", "opinion", "joke", "sports",
                                         "recipe", "source", "correction", "story", "video"))  # fmt: skip
    assert benign >= (150 if split == "train" else 60)
