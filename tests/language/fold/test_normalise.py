import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.domain.signals import Field, Span
from moderation.language.fold.normalise import MAX_FOLDED, MAX_INPUT, fold_characters, normalise
from tests.pace import count_loops
from training.contrast.terms import all_terms

any_text = st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=300)
tricky_text = st.text(
    alphabet="aа еoοs5$@.- \u200b\u0301\u202e\ufdfaﬁßİ각가\u0915\u094d👩1|!x\n*fuckshit💩ł千ҝ🇫🇺🇨🇰",
    max_size=120,
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("", ""),
        ("Plain Text, 42.", "plain text, 42."),
        ("two\n\n lines\tand tab", "two lines and tab"),
        ("Ｆｕｌｌ ⓦⓘⓓⓔ 𝓯𝓻𝓮𝓮 🅰🅱", "full wide free ab"),
        ("Łódź café naïve Straße Ægir", "lodz cafe naive strasse aegir"),
        ("cafe\u0301 z̷̢a̵l̸g̴o", "cafe zalgo"),
        ("in\u200bvis\u00adi\u2060ble \ufeff\U000e0041", "invisible "),
        ("\u202eabc\u202c", "abc"),
        ("it\u2019s \u201cso\u201d \u2014 yes", 'it\'s "so" - yes'),
        ("pаypal рауpal", "paypal paypal"),
        ("РАУРАL", "paypal"),
        ("аосе рау it is", "aoce pay it is"),
        ("b1tch a$$ $hit sh!t f4gg0t b00bs casin0", "bitch ass shit shit faggot boobs casino"),
        ("v.i.a.g.r.a f u c k you c-a-s-i-n-o", "viagra fuck you casino"),
        ("fuuuuck asssss boooobs shittttt", "fuck ass boobs shit"),
        ("\ud800lone\udfff", "lone"),
    ],
)
def test_disguises_fold_away(text, folded):
    assert normalise(text).text == folded


@pytest.mark.parametrize(
    "text",
    [
        "привет, как дела? сука",
        "ура",
        "καλημέρα όλα",
        "مرحبا بكم",
        "हिन्दी में",
        "ไทย",
        "한국어",
        "日本語",
        "mp3 covid19 b2 4k 1st h264",
        "mail info@site.com @name 100$",
        "u.s.a. j. r. r. e.g. 1-2-3-4 1 2 3 4 5",
        "www.site.com xxx iii",
        "1000000",
    ],
)
def test_honest_text_stays_as_it_is(text):
    assert normalise(text).text == text


def test_decomposed_letters_of_other_scripts_are_composed():
    assert normalise("и\u0306 ᄀ\u1161ᆨ").text == "й 각"


def test_spans_lead_back_to_the_original():
    text = "So f.u.c\u200b.k, pаy"
    folded = normalise("So f.u.c.k, pаy")
    start = folded.text.index("fuck")
    assert folded.span(start, start + 4) == Span(3, 10)
    stretched = normalise("a fuuuck e\u0301!")
    assert stretched.span(2, 6) == Span(2, 8)
    assert stretched.span(7, 8, Field.NAME) == Span(9, 11, Field.NAME)
    assert normalise(text).original == text


@pytest.mark.parametrize(("start", "end"), [(0, 0), (2, 1), (-1, 2), (0, 99)])
def test_a_range_outside_the_folded_text_is_an_empty_span(start, end):
    assert normalise("abc").span(start, end) == Span(0, 0)


@given(any_text | tricky_text)
def test_every_folded_code_point_comes_from_somewhere_in_order(text):
    folded = normalise(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends) <= MAX_FOLDED
    assert list(folded.starts) == sorted(folded.starts)
    assert list(folded.ends) == sorted(folded.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))


@given(any_text | tricky_text)
def test_folding_characters_alone_keeps_the_same_promises(text):
    folded = fold_characters(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=200))
def test_words_of_plain_letters_survive(text):
    folded = normalise(text).text
    assert folded == folded.lower()
    assert folded.isascii()


@pytest.mark.parametrize("piece", ["\ufdfa", "a.", "a", "a\u0301", "аa ", "$a", "a ", "\u0301", "각"])
def test_long_texts_are_cut_and_take_no_longer_than_their_length(piece):
    text = piece * 100_000
    folded = normalise(text)
    assert len(folded.text) <= MAX_FOLDED
    assert max(folded.ends, default=0) <= MAX_INPUT
    assert count_loops(lambda: normalise(text), tries=2) < 200  # up to 15; a square would take minutes


def test_no_group_is_mistaken_for_a_disguised_word():
    for term in all_terms():
        for form in {term.plural, term.singular, term.adjective}:
            assert normalise(form).text == fold_characters(form).text
