import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.domain.fingerprint import BANDS
from moderation.language.features import detect_language, exact_hash, fingerprint, similarity
from moderation.language.fold.normalise import normalise
from moderation.language.fold.tokens import count_cjk, words

any_text = st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=200)
LONG = "Check out my new channel for the best gaming videos of the whole year, subscribe now"
NEAR = "Check out my cool channel for the best gaming videos of the whole month, subscribe now please"
OTHER = "The council has not asked the tenants what they think of the plans for the market square"


def test_the_exact_hash_sees_words_and_no_dress():
    assert exact_hash("Hello, World!") == exact_hash("hello\u200b   wörld")
    assert exact_hash("Hello, World!") != exact_hash("Hello, Word!")
    assert exact_hash("!!!") != exact_hash("???")
    assert exact_hash("") == exact_hash(normalise(""))


def test_the_exact_hash_is_the_same_on_every_machine():
    assert exact_hash("hello world") == -8681194425623006896


def test_near_copies_share_a_band_and_strangers_do_not():
    assert set(fingerprint(LONG)) & set(fingerprint(NEAR))
    assert not set(fingerprint(LONG)) & set(fingerprint(OTHER))
    assert fingerprint(LONG) == fingerprint(LONG.upper() + "!!!")
    assert len(fingerprint(LONG)) == BANDS


def test_the_fingerprint_is_the_same_on_every_machine():
    assert fingerprint(LONG)[0] == 4474703383259863349


@pytest.mark.parametrize("text", ["", "Thank you", "one two three", "a b c d", "谢谢"])
def test_short_texts_have_no_fingerprint(text):
    assert fingerprint(text) == ()


def test_chinese_needs_no_spaces():
    assert len(fingerprint("这个城市没有问过租客的意见吗")) == BANDS


def test_similarity_runs_from_nothing_to_the_same():
    assert similarity(LONG, LONG.upper()) == 1.0
    assert 0.5 < similarity(LONG, NEAR) < 0.8
    assert similarity(LONG, OTHER) < 0.1
    assert similarity("ab", "cd") == 0.0
    assert similarity("", "") == 1.0


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (OTHER, "en"),
        (
            "Der Stadtrat hat die Mieter nicht gefragt, was sie von den Plänen für den Marktplatz halten.",
            "de",
        ),
        ("Я прочитал статью дважды и всё ещё не понимаю, почему никто не спросил жителей.", "ru"),
        ("这个城市没有问过租客的意见吗我觉得很奇怪", "zh"),
    ],
)
def test_languages_are_told(text, language):
    detected = detect_language(text)
    assert detected is not None
    assert detected[0] == language
    assert 0 < detected[1] <= 1


@pytest.mark.parametrize("text", ["", "lol", "12345678901234567890 12345", "Merci beaucoup"])
def test_short_texts_have_no_language(text):
    assert detect_language(text) is None


@given(any_text, any_text)
def test_no_text_is_too_strange(first, second):
    assert all(-(2**63) <= band < 2**63 for band in (exact_hash(first), *fingerprint(first)))
    assert 0.0 <= similarity(first, second) <= 1.0
    detect_language(first)


def test_words_keep_their_apostrophes():
    assert words("it's a rock'n'roll 'quote' a_b") == ["it's", "a", "rock'n'roll", "quote", "a", "b"]
    assert count_cjk("日本 한국 ab") == 4


def test_long_texts_that_only_begin_alike_are_no_copies_to_the_letter():
    beginning = " ".join(f"word{n}" for n in range(1_000))
    assert 0.9 < similarity(f"{beginning} and so on.", f"{beginning} but not quite so.") < 1.0
