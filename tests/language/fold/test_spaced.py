import pytest

from moderation.domain.signals import Span
from moderation.language.fold.normalise import normalise


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("f u c k; f.u.c.k; f_u_c_k; f - u - c - k; f*u*c*k", "fuck; fuck; fuck; fuck; fuck"),
        ("f\nu\nc\nk", "fuck"),
        ("f\u2022u\u2022c\u2022k f. u-c k", "fuck fuck"),
        ("f u * k and s h ! t and 5 h 1 t", "fuck and shit and shit"),
        ("y o u  a r e  d u m b", "you are dumb"),
        ("y o u a r e d u m b", "you are dumb"),
        ("f u c k y o u", "fuck you"),
        ("k i l l y o u r s e l f", "kill yourself"),
        ("such an a s s", "such an ass"),
        ("v i a g r a", "viagra"),
        ("fu ck it, f uck that, fuc k this", "fuck it, fuck that, fuck this"),
        ("bull s hit, b itch, as shole, fu.ck", "bullshit, bitch, asshole, fuck"),
        ("as s, A SS, F ag, ho es, r ape, co ons", "ass, ass, fag, hoes, rape, coons"),
        ("mother fu cker and fuck ing", "motherfucker and fucking"),
        ("fffuuuccckkk loooooser", "fuck looser"),
    ],
)
def test_what_was_taken_apart_is_put_together(text, folded):
    assert normalise(text).text == folded


@pytest.mark.parametrize(
    "text",
    [
        "who re-elected him? pass it on",
        "this hit, it s hit, what s hit, the u s hit back, let's hit it",
        "an as-is hole, as sure as",
        "j. r. r. t. smith, u.s.a., a s, 1 2 3 4",
        "fuck em, bitch y'all, dumb ass, bull shit",
        "yes. hit it. wish it, push it",
        "such as sizes, as so many, rap even more, c um, cu m-am",
        "my brother s car, it t its, fa- g, co-on, as-s, as.s",
    ],
)
def test_honest_neighbours_stay_apart(text):
    assert normalise(text).text == text


@pytest.mark.parametrize(
    ("text", "folded"),
    [("sizes such as S", "sizes such as s"), ("a SS man", "a ss man"), ("no ho \u00e9s", "no ho es")],
)
def test_a_blank_that_somebody_means_is_kept(text, folded):
    assert normalise(text).text == folded


def test_a_blank_between_words_that_were_spelt_out_has_a_place():
    folded = normalise("f u c k y o u")
    assert folded.text == "fuck you"
    assert folded.span(0, 4) == Span(0, 7)
    assert folded.span(4, 5) == Span(7, 8)
    assert folded.span(5, 8) == Span(8, 13)


def test_a_broken_word_is_covered_whole():
    text = "what a fu ck this is"
    folded = normalise(text)
    start = folded.text.index("fuck")
    assert folded.span(start, start + 4) == Span(7, 12)
