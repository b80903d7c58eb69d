"""The rows are repeatable, well formed, and say what their heads say."""

import itertools
import re
from collections import Counter

import pytest

from training.contrast import Row, generate
from training.contrast.bank import SPLITS, templates
from training.contrast.kinds import ABUSE_HEADS, HEADS, KINDS
from training.contrast.terms import terms_of

_NUMBER = re.compile(r"(?:\+?\d[\d() -]{6,}\d)|\b555[ -]\d{4}\b")


@pytest.fixture(scope="module", params=SPLITS)
def rows(request) -> list[Row]:
    return list(generate(request.param, seed=7, rows=6000))


def test_it_repeats_itself_by_seed():
    first, again, other = (list(generate("dev", seed, 200)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_it_refuses_a_split_that_it_does_not_know():
    with pytest.raises(ValueError, match="no split named 'all'"):
        next(generate("all", 1, 1))


def test_it_writes_as_many_rows_as_asked():
    assert [len(list(generate("train", 1, n))) for n in (0, 1, 2, 333)] == [0, 1, 2, 333]


def test_every_head_is_known_and_harmless_rows_have_none_but_profanity(rows):
    for row in rows:
        assert set(row.heads) <= set(HEADS)
        assert set(row.heads.values()) <= {0, 1}
        attacks = [head for head in (*ABUSE_HEADS, "spam") if row.heads.get(head)]
        assert row.harmless == (not attacks)
        assert row.label == bool(attacks)


def test_every_kind_comes(rows):
    assert {row.kind for row in rows} == set(KINDS)


def test_no_template_syntax_is_left(rows):
    for row in rows:
        assert not re.search(r"[{}|^]|\[(?!/?url)|=>", row.text), row
        assert row.text == row.text.strip()


def test_comments_are_as_long_as_comments(rows):
    lengths = sorted(len(row.text.split()) for row in rows)
    assert lengths[0] <= 3
    assert lengths[len(lengths) // 100] <= 7
    assert 10 <= lengths[len(lengths) // 2] <= 22
    assert lengths[-len(lengths) // 100] >= 35


def test_few_rows_come_twice(rows):
    assert len({row.text.lower() for row in rows}) > 0.9 * len(rows)


def test_each_term_is_harmless_about_as_often_as_the_next(rows, request):
    counts = Counter(row.term for row in rows if row.term and row.harmless)
    split = request.node.callspec.params["rows"]
    every = [counts[term.plural] for term in terms_of(split)]
    assert min(every) >= 6
    assert max(every) <= 1.5 * min(every)


def test_each_term_is_attacked_about_as_often_as_it_is_spoken_of(rows):
    harmless = Counter(row.term for row in rows if row.term and row.harmless)
    hostile = Counter(row.term for row in rows if row.term and not row.harmless)
    assert set(harmless) == set(hostile)
    for term, count in harmless.items():
        assert 2 / 3 <= count / hostile[term] <= 3 / 2, term


def test_a_twin_follows_its_harmless_half_and_speaks_of_the_same_group():
    rows = list(generate("test", 3, 3000))
    inline = {t.text: t.twin for t in templates("test")["identity_statement"]}
    pairs = [(a, b) for a, b in itertools.pairwise(rows) if a.template in inline]
    assert len(pairs) > 50
    for harmless, hostile in pairs:
        assert hostile.template == inline[harmless.template]
        assert hostile.term == harmless.term
        assert (harmless.label, hostile.label) == (0, 1)


def test_profanity_is_read_off_the_text():
    by_words = {
        "fuck": [row for row in generate("train", 5, 4000) if re.search(r"\bfuck", row.text, re.IGNORECASE)],
        "shit": [
            row for row in generate("train", 5, 4000) if re.search(r"\bshit\b", row.text, re.IGNORECASE)
        ],
    }
    for swearing in by_words.values():
        assert len(swearing) > 20
        assert {row.heads["profanity"] for row in swearing} == {1}
        assert {row.label for row in swearing} == {0, 1}


def test_addresses_and_numbers_are_reserved_ones(rows):
    text = " ".join(row.text for row in rows if row.kind.startswith(("spam", "ham"))).lower()
    hosts = re.findall(r"https?://[^\s/\]\">)]+|www\.[^\s/\]\">)]+", text)
    assert len(hosts) > 20
    assert all(".example" in host or "example." in host for host in hosts)
    numbers = [number for number in _NUMBER.findall(text) if "555" in number]
    assert len(numbers) > 20
    assert all(re.search(r"555[ -]01\d\d", number) for number in numbers)


def test_an_identity_attack_names_whom_it_attacks(rows):
    for row in rows:
        if row.heads.get("identity"):
            assert row.term or row.kind == "slur_attack", row


def test_an_insult_or_threat_to_a_person_is_no_identity_attack(rows):
    for row in rows:
        if row.kind in {"direct_insult", "profane_attack", "threat", "wish_harm"}:
            assert row.heads["identity"] == 0
            assert not row.term, row
