import pytest

from moderation.domain.signals import Axis, Field
from moderation.engine.checks.wordlist import Wordlist
from moderation.engine.text.word_matching import WordMatcher
from moderation.language.fold.normalise import normalise
from tests.engine.contexts import marked, run


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I could not disagree more, though well argued.", set()),
        ("Scunthorpe, Essex and the grapes of classic assassins", set()),
        ("What a load of crap and bullshit", {"wordlist.mild"}),
        ("What the fuck", {"wordlist.strong"}),
        ("What the f.u.c.k", {"wordlist.strong"}),
        ("El hilo negro", {"wordlist.mild"}),
        ("A spook in Niger", set()),
        ("Thank you Peter, and Mr Wang, for the sheet of paper", set()),
        ("A survey about sex education, sexuality and breasts", set()),
        ("You motherfucker", {"wordlist.severe"}),
        ("You faggot", {"wordlist.slur"}),
        ("Just kill yourself", {"wordlist.threat"}),
        ("I hate Jews. There.", {"wordlist.hatred"}),
        ("we despise all of it, and death to refugees", {"wordlist.hatred"}),
        ("I don't hate immigrants, I hate Mondays, and whoever hates women", set()),
        ("kys", {"wordlist.threat"}),
    ],
)
def test_words_are_told_apart_by_severity(text, expected):
    assert run(Wordlist(), text).keys() == expected


def test_swearing_alone_stays_under_the_line_for_abuse_and_a_slur_does_not():
    swearing = run(Wordlist(), "Holy shit, what the fuck is this crap")
    assert sum(signal.points for signal in swearing.values()) < 4
    assert run(Wordlist(), "You faggot")["wordlist.slur"].points >= 4


def test_each_word_counts_once_and_every_place_is_marked():
    text = "fuck this, FUCK that, fuuuck it"
    signal = run(Wordlist(), text)["wordlist.strong"]
    assert signal.params["count"] == 1
    assert marked(signal, text) == ["fuck", "FUCK", "fuuuck"]


def test_the_site_s_words_match_folded_at_word_boundaries_and_with_open_ends():
    lists = {"blocked_words": ["Casino", "spam*", "zwei worte"]}
    text = "cаsin0! spammers; spa m; Zwei\n Worte; casinos"
    signal = run(Wordlist(), text, lists=lists)["wordlist.blocked"]
    assert signal.axis == Axis.QUALITY
    assert marked(signal, text) == ["cаsin0", "spam", "Zwei\n Worte"]


def test_no_signal_repeats_an_address_that_the_site_lists():
    signal = run(Wordlist(), "ask ann@mail.example", lists={"blocked_words": ["ann@mail.example"]})
    assert signal["wordlist.blocked"].params["words"] == "(an address)"


def test_allowed_phrases_win_over_all_lists():
    lists = {"blocked_words": ["ass"], "allowed_words": ["pain in the ass"]}
    assert run(Wordlist(), "It is a pain in the ass", lists=lists) == {}
    assert "wordlist.blocked" in run(Wordlist(), "It is an ass", lists=lists)


def test_names_are_held_against_the_site_s_words_and_against_slurs_only():
    assert run(Wordlist(), author_name="Bullshit Bob") == {}
    assert run(Wordlist(), author_name="faggot")["wordlist.slur"].spans[0].field == Field.NAME


def test_other_languages_count_where_the_site_or_the_text_speaks_them():
    assert run(Wordlist(), "La bite du chien") == {}
    assert "wordlist.mild" in run(Wordlist(), "Quelle connasse", languages=("fr",))
    german = "Der Autor ist ein Arschloch und hat von der Sache überhaupt keine Ahnung."
    assert "wordlist.mild" in run(Wordlist(), german)
    assert run(Wordlist(), "A fine text", languages=("xx", "en", "../etc")) == {}


@pytest.mark.parametrize(
    "text",
    [
        "Le train avait encore deux heures de retard, il est trop tard.",  # delay, late
        "Els trens sempre arriben amb retard i avui és massa tard.",
        "Das Buch ist dick und schwer, aber sehr interessant.",  # thick
        "Filmens slut var väldigt bra, jag fick en puss av min syster.",  # end, got, kiss
        "Jeg har tre fag på skolen i år, og faget er spændende.",  # subjects
        "Jeg har mange fag på skolen, og det er aldri kjedelig å lære noe nytt.",
        "De slag bij Waterloo duurde maar één dag, daarna regende het.",  # battle
        "Nu stie nimeni cum se va termina povestea asta.",  # how
    ],
)
def test_an_english_swear_word_that_is_an_everyday_word_in_the_text_s_language_does_not_count(text):
    assert run(Wordlist(), text) == {}


def test_such_a_word_counts_in_english_and_longer_phrases_with_it_in_any_language():
    assert "wordlist.severe" in run(Wordlist(), "You are such a retard, I cannot believe it")
    assert "wordlist.severe" in run(Wordlist(), "Le ministre est un fucking retard, voilà ce que je pense.")


def test_a_short_text_is_taken_for_one_in_the_site_s_languages():
    assert run(Wordlist(), "Trop tard.", languages=("fr",)) == {}
    assert "wordlist.severe" in run(Wordlist(), "Trop tard.")
    assert "wordlist.severe" in run(Wordlist(), "You retard.", languages=("en", "fr"))


def test_chinese_words_match_without_spaces():
    matcher = WordMatcher({"他妈的": 1.0})
    assert [hit.word for hit in matcher.find(normalise("这他妈的天气"))] == ["他妈的"]


def test_entries_that_fold_to_nothing_are_left_out_and_doubles_keep_the_larger_weight():
    matcher = WordMatcher({"": 1.0, "***": 1.0, "Foo": 1.0, "foo*": 2.0})
    assert len(matcher) == 1
    assert [hit.weight for hit in matcher.find(normalise("food"))] == [2.0]
    assert list(WordMatcher({}).find(normalise("food"))) == []
