from random import Random

import pytest

from moderation.engine.checks.gibberish import Gibberish
from tests.engine.contexts import marked, run


@pytest.mark.parametrize(
    "text",
    [
        "asdfghjkl asdfghjkl",
        "sdkfjhskdjfh",
        "lkjhgfdsa qpwoeiruty zmxncbv",
        "asdasdasdasd",
        "Asdfghjklsdfg",
        "xkjhdfkjhsdf sdkjfhskdf skdjfhksjdf",
        "dfgh sdfg wert dfgh xcvb",
        "bcdfgtrwq pqrstvwx",
    ],
)
def test_keys_hit_at_random_are_gibberish(text):
    signal = run(Gibberish(), text)["gibberish.text"]
    assert 0 < signal.points <= 3
    assert int(signal.params["percent"]) >= 50
    assert marked(signal, text)


def test_gibberish_beside_words_counts_less_and_is_shown():
    text = "I think this was good, sdkfjhskdjfh"
    signal = run(Gibberish(), text)["gibberish.words"]
    assert marked(signal, text) == ["sdkfjhskdjfh"]
    assert signal.points == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ok",
        "Asdf",
        "I read the piece twice and still wonder whether the council has asked the tenants.",
        "Честный русский текст про выборы и клавиатуру",
        "نص عربي صادق عن الانتخابات",
        "今天的新闻很有意思，我读了两遍",
        "Lentokonesuihkuturbiinimoottoriapumekaanikkoaliupseerioppilas on pitkä suomalainen sana",
        "W Szczebrzeszynie chrząszcz brzmi w trzcinie i Szczebrzeszyn z tego słynie",
        "Mae'n hyfryd cael eich croesawu i Gymru, ysgrifennydd y pwyllgor sy'n siarad heddiw",
        "Donaudampfschifffahrtsgesellschaftskapitän und Angstschweiß",
        "https://example.com/xkjhdfkjhsdf?qwrt=zxcvbnmqwrt www.sdfghjklkjhgf.example",
        "#sdkfjhskdjfh #BLMxkcdqwrt @sdkfjhskdjfh",
        "def qsort_xs(xs): return sdfghjkl_map(xs) if xs else None",
        "hahahahahaha jajajajaja hihihihihi lololololol wkwkwkwkwk kkkkkkkkkk mwahahaha",
        "NATO OSCE UNHCR BRICS FIFA UEFA LGBTQ HTTPS XMLHTTP",
        "Zbigniew Brzezinski, Nkrumah, Krzyzewski and Mbappe",
        "model XKR-5500TFZ, part BGRT44-XKCD, key QWRT1-ZXCV2",
        "sooooooooo goooooood, yessssssss, noooooooo, brrrrrrrrrr, zzzzzzzzzz",
        "qwerty keyboard or qwertz keyboard",
        "getElementsByTagName innerHTMLxkcdFn",
        "blablablablabla lalalalala nananana",
    ],
)
def test_honest_text_is_none(text):
    assert run(Gibberish(), text) == {}


@pytest.mark.parametrize("keys", ["asdfghjkl", "abcdefghijklmnopqrstuvwxyz"])
def test_nine_in_ten_of_twelve_random_keys_are_found(keys):
    chance = Random(3)
    texts = ["".join(chance.choices(keys, k=12)) for _ in range(300)]
    assert sum(bool(run(Gibberish(), text)) for text in texts) >= 270
