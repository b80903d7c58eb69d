import pytest

from moderation.language.fold.trigrams import ALPHABET, FLOOR, TARGET, mean_log_frequency, triple_index


@pytest.mark.parametrize("word", ["government", "versammlung", "toujours", "suomalainen", "a"])
def test_words_are_usual(word):
    assert mean_log_frequency(word) > -8.5


@pytest.mark.parametrize("word", ["zdhmnfnm", "fghfhfghfgf", "qzxvkjq"])
def test_keys_hit_at_random_are_not(word):
    assert FLOOR <= mean_log_frequency(word) < -9


def test_the_same_word_has_the_same_score_for_ever():
    assert mean_log_frequency("comment") == pytest.approx(-5.396, abs=0.001)


def test_the_table_has_a_value_for_every_triple():
    header, _, values = TARGET.read_bytes().partition(b"\n")
    assert b'"floor"' in header
    assert len(values) == len(ALPHABET) ** 3 == triple_index("zzz") + 1
    assert TARGET.stat().st_size < 60_000
