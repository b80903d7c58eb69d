import pytest

from moderation.domain.signals import Axis
from moderation.engine.checks.disguise import Disguise
from tests.engine.contexts import marked, run


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ab\u200bout the cou\u00adncil", {"disguise.invisible"}),
        ("Hidden \U000e0041\U000e0042 tags", {"disguise.invisible"}),
        ("The pаypal and аpple", {"disguise.mixed_script"}),
        ("Для Вαс и вaм пοмoчь", {"disguise.mixed_script"}),
        ("Z̷̢̨a̵̡̛l̸̢̛g̴̡̛o", {"disguise.zalgo"}),
        ("abc \u202ecod.exe", {"disguise.bidi"}),
        ("abc \u2067def\u2069", {"disguise.bidi"}),
        ("Gampang menang di 𝐌𝐀𝐍𝐃𝐀𝟕𝟕 sekarang", {"disguise.styled"}),
        ("What the f.u.c.k", {"disguise.hidden_word"}),
        ("You b1tch", {"disguise.hidden_word"}),
        ("You a$$hole", {"disguise.hidden_word"}),
        ("Oh fu ck it", {"disguise.hidden_word"}),
        ("y o u  b i t c h", {"disguise.hidden_word"}),
        ("You f*cking idiot", {"disguise.masked_word"}),
        ("What the f---", {"disguise.masked_word"}),
    ],
)
def test_tricks_are_named(text, expected):
    assert run(Disguise(), text).keys() == expected


@pytest.mark.parametrize(
    "text",
    [
        "Plain English, fuck it, fuuuuck",
        "Bat-shit crazy towel heads and a god damn ape shit",
        "5*3 = 15, *emphasis*, C*-algebra, ****",
        "Честный русский текст про SMSки, iPhone и IT-отдел",
        "Ένα τίμιο ελληνικό κείμενο για το iPhone",
        "نص عربي \u200fصادق مع \u2067اتجاه\u2069",
        "می\u200cخواهم بروم",
        "हिन्दी \u0915\u094d\u200dष में",
        "👩\u200d👩\u200d👧 ❤\ufe0f 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "Café, naïve, Łódź, Tiếng Việt, 한국어, 日本語",
        "A trailing mark\ufeff",
        "𝒪𝓀",
        "",
    ],
)
def test_honest_text_of_any_script_is_no_disguise(text):
    assert run(Disguise(), text) == {}


def test_fancy_text_throughout_is_a_fashion_and_a_fancy_word_in_plain_text_is_not():
    throughout = run(Disguise(), "𝙼𝚊𝚗𝚝𝚊𝚙 𝚋𝚎𝚝𝚞𝚕")["disguise.styled"]
    amid = run(Disguise(), "Gampang menang di 𝐌𝐀𝐍𝐃𝐀 sekarang")["disguise.styled"]
    assert throughout.points < 3 <= amid.points


def test_the_site_s_own_words_are_found_in_disguise():
    text = "Best c-a-s-i-n-o ever"
    signal = run(Disguise(), text, lists={"blocked_words": ["casino"]})["disguise.hidden_word"]
    assert marked(signal, text) == ["c-a-s-i-n-o"]
    assert signal.params["word"] == "casino"


def test_blotting_out_letters_is_told_as_abuse_and_shown():
    text = "He is a f*cking liar and a c**t"
    signal = run(Disguise(), text)["disguise.masked_word"]
    assert signal.axis == Axis.ABUSE
    assert signal.points == 0.5
    assert marked(signal, text) == ["f*cking", "c**t"]
    assert signal.params == {"count": 2, "word": "fucking"}
