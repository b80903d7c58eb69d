import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.domain.signals import Span
from moderation.language.fold.lexicon import Lexicon, shipped_lexicon
from moderation.language.fold.masked import unmask
from moderation.language.fold.normalise import normalise


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("5h1t a55h0le 455hole wh0r3 d1ck5 n1gg3r b17ch", "shit asshole asshole whore dicks nigger bitch"),
        ("@$$ @$$hole a$$ sh!+ $hit", "ass asshole ass shit shit"),
        ("fvck phuck fcking shyt fukk", "fuck fuck fucking shit fuck"),
        ("f*ck sh#t b!tch c**t a**hole f@#k", "fuck shit bitch cunt asshole fuck"),
        ("f--- f*** s*** n***** a**", "fuck fuck shit nigger ass"),
        ("f*k mother***er f*****g f.ck sh-t f-ing", "fuck motherfucker fucking fuck shit fucking"),
        ("sh*tty bullsh*t-talk dumbf*ck!", "shitty bullshit-talk dumbf*ck!"),
        ("fu** fuc* **sh*t** *f*ck*", "fuck fuck* **shit** *fuck*"),
        ("f(_)ck |)ick |\\|o", "fuck dick |\\|o"),
        ("f💩ck fu₵k ₦igger b¡tch f\ufffdck", "fuck fuck nigger bitch fuck"),
        ("h0es h*es", "hoes hoes"),
        ("fuuck shiit bitchh niggger", "fuck shit bitch nigger"),
    ],
)
def test_signs_and_digits_give_way_to_the_word(text, folded):
    assert normalise(text).text == folded


@pytest.mark.parametrize(
    "text",
    [
        "4ever b4 mp3 covid19 2nd 1st h2o a55 80085 3d 4k x86_64 org2 wan2 hen314",
        "v2.0.1 $5.99 100$ 3,50 € c++ c# 5*3 a * b 2*x*y s&m l&o",
        "*emphasis* **bold** _both_ ~~no~~ *** **** --- see note* as** bit* shit* whole**",
        "c*-algebra f(x) foo_bar http://example.com/f?ck=1 bit.ly/a-b",
        "don't they're e.g. i.e. a.m. snow-white f-stop sh-boom",
        "assess classic cooks shoot looks but butter hoop scunthorpe",
        "kunt u de fuca strait reporting",
    ],
)
def test_honest_signs_stay(text):
    assert normalise(text).text == text


def test_a_span_covers_the_masked_original():
    text = "you mother****er and a f*k"
    folded = normalise(text)
    for word, masked in (("motherfucker", "mother****er"), ("fuck", "f*k")):
        start = folded.text.rindex(word)
        span = folded.span(start, start + len(word))
        assert text[span.start : span.end] == masked
    assert normalise("a phuck b").span(2, 6) == Span(2, 7)


def test_what_stands_around_a_word_keeps_its_place():
    text = "**dumb-sh*t!** ok"
    folded = normalise(text)
    assert folded.text == "**dumb-shit!** ok"
    assert [text[start] for start in folded.starts] == list(text)


def test_an_everyday_word_is_never_taken_for_a_respelt_one():
    lexicon = Lexicon(["boob", "cock"], ["goose"], ["kock", "bob"])
    assert lexicon.plain_form("kock") is None
    assert lexicon.plain_form("booob") is None
    assert lexicon.plain_form("coock") == "cock"
    assert lexicon.plain_form("gooose") == "goose"
    assert lexicon.plain_form("ggoose") is None
    assert "goose" in lexicon
    assert "ducks" not in lexicon


@pytest.mark.parametrize(
    ("pattern", "word"),
    [
        (["s", "h", "il", "t"], "shit"),
        (["", "u", "c", "k"], "fuck"),
        (["", "", "c", ""], None),
        (["a", "b"], None),
    ],
)
def test_patterns_find_the_commonest_word(pattern, word):
    assert shipped_lexicon().find(pattern) == word


@given(st.text(alphabet="fuckshitabe*#@$!.-_1350|(&+", min_size=1, max_size=45))
def test_pieces_lie_inside_their_token_in_order(token):
    pieces = unmask(token)
    if pieces is not None:
        starts, ends = [piece[1] for piece in pieces], [piece[2] for piece in pieces]
        assert starts == sorted(starts)
        assert ends == sorted(ends)
        assert all(0 <= start < end <= len(token) for start, end in zip(starts, ends, strict=True))
