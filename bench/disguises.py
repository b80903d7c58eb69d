"""Ways in which people hide a word, each a function of the word and a seeded chance."""

import unicodedata
from collections.abc import Callable, Mapping
from random import Random
from string import ascii_lowercase

from moderation.language.fold.letters import Letters, shipped_letters

Disguise = Callable[[str, Random], str]

_LEET = {"a": "4@", "b": "8", "e": "3", "g": "9", "i": "1!", "l": "1|", "o": "0", "s": "5$", "t": "7+"}
_SOUND_ALIKE = (("f", "ph"), ("u", "v"), ("ck", "kk"))
_INVISIBLE = "\u200b\u200c\u200d\u2060\u00ad\ufeff"
_TURNING = "\u202a\u202d\u202e\u200e\u200f\u2066\U000e0061\U000e0074"
_ACCENTS = "\u0300\u0301\u0302\u0303\u0308\u030a\u0327\u0336"
_GRAWLIX = "@#%&!$"
# Where the small letters of an alphabet for show begin.
_STYLES = (0x1D41A, 0x1D482, 0x1D4EA, 0x1D5BA, 0x1D68A, 0xFF41, 0x24D0)
LEFT_OUT = 0.3  # of the look-alikes of each letter


def leet(word: str, chance: Random) -> str:
    """Digits and signs for letters; a respelling where no letter has one."""
    changed = "".join(
        chance.choice(_LEET[letter]) if letter in _LEET and chance.random() < 0.7 else letter
        for letter in word
    )
    if changed != word:
        return changed
    places = [index for index, letter in enumerate(word) if letter in _LEET]
    if places:
        place = chance.choice(places)
        return word[:place] + chance.choice(_LEET[word[place]]) + word[place + 1 :]
    fitting = [pair for pair in _SOUND_ALIKE if pair[0] in word]
    return word.replace(*chance.choice(fitting), 1) if fitting else word


def zero_width(word: str, chance: Random) -> str:
    """Invisible characters between the letters."""
    return _between(word, lambda: chance.choice(_INVISIBLE))


def turned(word: str, chance: Random) -> str:
    """Controls of direction and tag characters between the letters."""
    return _between(word, lambda: chance.choice(_TURNING) if chance.random() < 0.6 else "") + "\u202c"


def spaced(word: str, chance: Random) -> str:
    """A blank, or another white character, between all letters."""
    return chance.choice("    \n\u00a0").join(word)


def dotted(word: str, chance: Random) -> str:
    """The same sign between all letters."""
    return chance.choice([".", "-", "_", "*", "~", "/", "\u2022", " - ", " . "]).join(word)


def broken(word: str, chance: Random) -> str:
    """One blank within the word."""
    place = chance.randrange(1, len(word))
    return f"{word[:place]} {word[place:]}"


def masked(word: str, chance: Random) -> str:
    """Letters blotted out: one vowel, some or all between the ends, or all but the first."""
    inner = list(range(1, len(word) - 1))
    vowels = [index for index in inner if word[index] in "aeiou"] or inner
    kind = chance.random()
    if kind < 0.6:
        places = {chance.choice(vowels)}
    elif kind < 0.8:
        places = set(chance.sample(inner, min(2, len(inner))))
    else:
        places = set(inner)
    signs = "*" if chance.random() < 0.8 else _GRAWLIX
    return "".join(chance.choice(signs) if index in places else letter for index, letter in enumerate(word))


def stretched(word: str, chance: Random) -> str:
    """One letter many times over, at times others twice."""
    place = chance.randrange(len(word))
    doubled = chance.random() < 0.3
    return "".join(
        letter * (chance.randint(3, 7) if index == place else 1 + (doubled and chance.random() < 0.5))
        for index, letter in enumerate(word)
    )


def accented(word: str, chance: Random) -> str:
    """Accents on letters, composed where Unicode has them."""
    marked = "".join(letter + (chance.choice(_ACCENTS) if chance.random() < 0.7 else "") for letter in word)
    return unicodedata.normalize("NFC", marked if marked != word else f"{word}\u0301")


def styled(word: str, chance: Random) -> str:
    """Letters of an alphabet for show."""
    first = chance.choice(_STYLES)
    return "".join(
        chr(first + ord(letter) - ord("a")) if letter in ascii_lowercase else letter for letter in word
    )


class LookAlikes:
    """Letters of other alphabets for Latin ones."""

    def __init__(self, letters: Mapping[str, str], *, share: float = 0.5) -> None:
        """`letters` maps each look-alike to the Latin letter that it looks like.

        One letter is replaced for sure, of the others a `share` on average.
        """
        self._share = share
        self._looks: dict[str, list[str]] = {}
        for letter, plain in sorted(letters.items()):
            self._looks.setdefault(plain, []).append(letter)

    def __call__(self, word: str, chance: Random) -> str:
        """At least one letter replaced."""
        sure = chance.choice([index for index, letter in enumerate(word) if letter in self._looks])
        return "".join(
            chance.choice(self._looks[letter])
            if letter in self._looks and (index == sure or chance.random() < self._share)
            else letter
            for index, letter in enumerate(word)
        )


def leave_out(seed: int) -> tuple[Letters, dict[str, str]]:
    """The shipped letters less a seeded share of those of each Latin letter, and those left out."""
    shipped = shipped_letters()
    everything = {**shipped.lookalikes, **shipped.typed}
    chance = Random(seed)
    left_out: dict[str, str] = {}
    for plain in ascii_lowercase:
        looks = sorted(letter for letter, look in everything.items() if look == plain)
        for letter in chance.sample(looks, max(1, round(LEFT_OUT * len(looks)))):
            left_out[letter] = plain
    return shipped.without(left_out), left_out


def _between(word: str, sign: Callable[[], str]) -> str:
    return "".join(letter + sign() for letter in word[:-1]) + word[-1]


PLAIN_KINDS: dict[str, Disguise] = {
    "leet": leet,
    "look-alikes": LookAlikes(
        {**shipped_letters().lookalikes, **shipped_letters().typed},
    ),
    "styled": styled,
    "zero-width": zero_width,
    "direction and tags": turned,
    "spaced": spaced,
    "dotted": dotted,
    "broken": broken,
    "masked": masked,
    "stretched": stretched,
    "accents": accented,
}


def mixed(word: str, chance: Random) -> str:
    """Two disguises, one over the other."""
    first = chance.choice(["leet", "stretched", "look-alikes", "masked"])
    second = chance.choice(["zero-width", "accents", "spaced", "dotted"])
    return PLAIN_KINDS[second](PLAIN_KINDS[first](word, chance), chance)
