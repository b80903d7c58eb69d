import unicodedata
from pathlib import Path
from string import ascii_lowercase

import pytest

from moderation.language.fold import letters as letters_module
from moderation.language.fold.letters import shipped_letters, sign_looks
from moderation.language.fold.normalise import normalise

DATA = Path(letters_module.__file__).parents[1] / "data"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("fцck shїt bιtсh", "fuck shit bitch"),
        ("FUСΚ ΝIGGER", "fuck nigger"),  # a capital nu is an N, a small one a v
        ("ᖴᑌᑕK 千ㄩ匚Ҝ ꜰᴜᴄᴋ 🅵🆄🅲🅺", "fuck fuck fuck fuck"),
        ("𝕗𝕦𝕔𝕜 ｆｕｃｋ ⓕⓤⓒⓚ ᶠᵘᶜᵏ", "fuck fuck fuck fuck"),
        ("🇫🇺🇨🇰 but 🇫🇷🇩🇪", "fuck but 🇫🇷🇩🇪"),
        ("f֑u֑c֑k f\u064bu\u064bck", "fuck fuck"),
        ("błtch Ŧuck shiƚ", "bitch fuck shit"),
        ("fꙮck n•ו•g•g•e•r", "fuck nigger"),
    ],
)
def test_letters_that_pose_as_latin_are_latin(text, folded):
    assert normalise(text).text == folded


@pytest.mark.parametrize(
    "text",
    [
        "честный русский текст, тор, рот, нет, сука",
        "ένα τίμιο ελληνικό κείμενο",
        "نص عربي صادق و كلمة",
        "טקסט עברי הגון",
        "tシャツ it工程 akb48の uターン",
        "ไทย ภาษา한국어 ልጅ",
        "ქართული ენა",
        "հայերեն լեզու",
    ],
)
def test_honest_words_of_other_alphabets_stay(text):
    assert normalise(text).text == unicodedata.normalize("NFC", text)


def test_unknown_letters_stand_for_any_where_the_rest_tells_the_word():
    known = shipped_letters()
    unknown = known.without(["ц", "Ц", "ї", "Ї", "ι", "Ι"])
    assert unknown.looks_of("ц", "ц") == ""
    assert known.looks_of("ц", "ц") == "u"
    assert normalise("fцck thїs bιtch", unknown).text.split()[::2] == ["fuck", "bitch"]


def test_unknown_letters_are_guessed_by_picture_and_name():
    known = shipped_letters()
    assert known.without("о").guesses_of("о", "о")[0] == "o"  # by its picture
    assert known.by_name["EPSILON"] == "e"
    assert known.guesses_of("\u4e00", "\u4e00") == ""


def test_the_tables_hold_no_ascii_source_and_plain_targets_only():
    known = shipped_letters()
    for table in (known.homoglyphs, known.lookalikes, known.typed, sign_looks()):
        assert table
        assert not any(letter.isascii() for letter in table)
        assert all(look.isascii() and look.isalnum() and len(look) == 1 for look in table.values())


def test_the_shipped_files_say_where_they_are_from():
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    for path in DATA.iterdir():
        assert path.name == "README.md" or f"`{path.name}`" in readme
    assert "15.0.0" in (DATA / "confusables.txt").read_text(encoding="utf-8").split("\n")[0]
    assert "Unicode, Inc." in (DATA / "LICENSE.unicode").read_text(encoding="utf-8")


def test_every_fancy_alphabet_has_a_letter_for_each_of_ours():
    lines = (DATA / "fancy_alphabets.txt").read_text(encoding="utf-8").splitlines()
    alphabets = [line for line in lines if not line.startswith("#")]
    assert len(alphabets) > 10
    assert {len(alphabet) for alphabet in alphabets} == {len(ascii_lowercase)}
