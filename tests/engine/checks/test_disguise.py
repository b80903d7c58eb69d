import pytest

from moderation.domain.signals import Axis
from moderation.domain.status import Outcome
from moderation.engine.checks.disguise import Disguise
from moderation.engine.run import run_checks
from moderation.engine.verdict.judging import judge
from moderation.engine.verdict.policy_io import default_policy
from tests.engine.contexts import make_context, marked, run


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("You fu\u200bcking id\u00adiot", {"disguise.invisible", "disguise.hidden_word"}),
        ("Du Arsch\u00adloch, verschwinde endlich aus dieser schönen Stadt", {"disguise.invisible"}),
        ("You should k\u200bill yourself", {"disguise.invisible"}),
        ("Ab\u3164out the cou\u2063ncil", {"disguise.invisible"}),
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
        "Ab\u200bout the cou\u00adncil",
        "The coun\u00adcil ap\u00adproved the bud\u00adget af\u00adter a long de\u00adbate on Tues\u00adday.",
        "Der Gemeinde\u00adrat hat die Verkehrs\u00adplanung ein\u00adstimmig be\u00adschlossen.",
        "As the pa\u200bper says,\u200b the brid\u2060ge is clo\ufeffsed\u200e un\u200ctil Ju\u200dne.",
        "An anal\u00adysis of the as\u00adsess\u00adment, and click\u200b here for more",
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


@pytest.mark.parametrize("sign", "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
def test_what_pages_and_word_processors_leave_in_words_holds_no_pasted_sentence(sign):
    pasted = f"The pro{sign}posal of the muni{sign}cipal coun{sign}cil pleases the neigh{sign}bour{sign}hood."
    signals = run_checks(make_context(pasted)).signals
    assert [signal.code for signal in signals if signal.check == "disguise"] == []
    assert judge(signals, default_policy()).outcome == Outcome.PUBLISH


def test_only_the_places_that_split_a_listed_word_are_marked():
    text = "The coun\u00adcil is full of ass\u00adholes and bas\u200btards, says the news\u00adpaper."
    signals = run(Disguise(), text)
    spans = signals["disguise.invisible"].spans
    assert [text[span.start - 3 : span.start] for span in spans] == ["ass", "bas"]
    assert marked(signals["disguise.hidden_word"], text) == ["ass\u00adholes", "bas\u200btards"]


def test_a_site_s_own_word_may_not_be_split_either():
    text = "Try our ca\u00adsi\u200bno, the best in all of Eu\u00adrope"
    signal = run(Disguise(), text, lists={"blocked_words": ["casino"]})["disguise.invisible"]
    assert signal.params["count"] == 2
    assert run(Disguise(), text) == {}
