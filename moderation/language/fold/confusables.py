"""Tables of confusable characters, made from `unicodedata` names and by hand.

`LATIN_BASE` maps every Latin letter with a diacritic, stroke, hook or other modification to its plain letter.
`HOMOGLYPHS` has letters of other scripts that cannot be distinguished from a Latin letter; `LOOKALIKES` adds
those that resemble one only beside Latin letters. No ASCII character is a key: Unicode's own table maps ASCII
`l` to `|`, which would change ordinary text. `letters.py` adds the lists in `data/` to both.
"""

# ruff: noqa: RUF001 - letters that look like others are what this file is about
import re
import unicodedata

# Unicode blocks with Latin letters: plain, modified, squared or circled.
_LATIN_BLOCKS = (
    (0x00C0, 0x024F),
    (0x0250, 0x02AF),
    (0x1D00, 0x1DBF),
    (0x1E00, 0x1EFF),
    (0x2C60, 0x2C7F),
    (0xA720, 0xA7FF),
    (0xAB30, 0xAB6F),
    (0x1F110, 0x1F189),
)
_LATIN_NAME = re.compile(
    r"(?:NEGATIVE )?(?:CIRCLED |SQUARED |PARENTHESIZED )?(?:MODIFIER LETTER )?LATIN "
    r"(?:SMALL LETTER|CAPITAL LETTER|LETTER)(?: SMALL CAPITAL| DOTLESS| TURNED| REVERSED| OPEN)* ([A-Z])"
    r"(?: WITH .*)?"
)

# Letters whose Unicode name does not contain the plain letter: ligatures, and letters with a name of their
# own.
_NAMED_LATIN = {
    "æ": "ae", "œ": "oe", "ß": "ss", "ð": "d", "þ": "th", "ŋ": "n", "ə": "e", "ɐ": "a", "ɑ": "a",
    "ɡ": "g", "ɩ": "i", "ʟ": "l", "ꞵ": "b",
}  # fmt: skip

# The keys are in lower case, because case is folded before the lookup.
HOMOGLYPHS = {
    # Cyrillic
    "а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "у": "y", "х": "x", "ѕ": "s", "і": "i", "ј": "j",
    "һ": "h", "ԁ": "d", "ԛ": "q", "ԝ": "w", "ѵ": "v", "ӏ": "l", "ү": "y",
    # Greek
    "ο": "o", "α": "a", "ν": "v", "ρ": "p", "ι": "i", "υ": "u", "ϲ": "c", "ϳ": "j",
    # Armenian
    "օ": "o", "ս": "u", "ո": "n", "հ": "h", "ց": "g", "զ": "q", "ք": "p",
    # Cherokee, whose letters fold to capitals
    "Ꭺ": "a", "Ᏼ": "b", "Ꮯ": "c", "Ꭰ": "d", "Ꭼ": "e", "Ꮐ": "g", "Ꮋ": "h", "Ꭻ": "j", "Ꮶ": "k", "Ꮮ": "l",
    "Ꮇ": "m", "Ꮲ": "p", "Ꮢ": "r", "Ꮪ": "s", "Ꭲ": "t", "Ꮩ": "v", "Ꮤ": "w", "Ꮓ": "z",
    # Lisu
    "ꓮ": "a", "ꓐ": "b", "ꓚ": "c", "ꓓ": "d", "ꓰ": "e", "ꓝ": "f", "ꓖ": "g", "ꓧ": "h", "ꓲ": "i", "ꓙ": "j",
    "ꓗ": "k", "ꓡ": "l", "ꓟ": "m", "ꓠ": "n", "ꓳ": "o", "ꓑ": "p", "ꓣ": "r", "ꓢ": "s", "ꓔ": "t", "ꓴ": "u",
    "ꓦ": "v", "ꓪ": "w", "ꓫ": "x", "ꓬ": "y", "ꓜ": "z",
}  # fmt: skip

LOOKALIKES = HOMOGLYPHS | {
    # Cyrillic
    "в": "b", "к": "k", "м": "m", "н": "h", "т": "t", "г": "r", "п": "n", "и": "u", "я": "r", "ь": "b",
    "ш": "w", "ё": "e", "ї": "i", "ґ": "r", "қ": "k", "ҝ": "k", "ғ": "f", "ң": "h",
    # Greek
    "β": "b", "ε": "e", "η": "n", "κ": "k", "τ": "t", "χ": "x", "ω": "w", "σ": "o", "ς": "c", "γ": "y",
    "ζ": "z", "ϱ": "p", "έ": "e", "ά": "a", "ό": "o", "ί": "i", "ή": "n", "ύ": "u", "ώ": "w",
    # Hebrew
    "ס": "o", "ו": "i", "ט": "u",
}  # fmt: skip

# Equivalent punctuation, so that phrases match however they were typed.
PUNCTUATION = {
    "\N{RIGHT SINGLE QUOTATION MARK}": "'", "\N{LEFT SINGLE QUOTATION MARK}": "'", "\N{PRIME}": "'",
    "\N{MODIFIER LETTER APOSTROPHE}": "'", "\N{ACUTE ACCENT}": "'",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"', "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{HYPHEN}": "-", "\N{NON-BREAKING HYPHEN}": "-", "\N{FIGURE DASH}": "-", "\N{EN DASH}": "-",
    "\N{EM DASH}": "-", "\N{MINUS SIGN}": "-", "\N{ONE DOT LEADER}": ".", "\N{IDEOGRAPHIC FULL STOP}": ".",
    "\N{BRAILLE PATTERN BLANK}": " ", "\N{LINE SEPARATOR}": " ", "\N{PARAGRAPH SEPARATOR}": " ",
}  # fmt: skip

# Invisible characters that are not in Unicode's category of format characters (Cf): Hangul fillers, the Khmer
# inherent vowels, the combining grapheme joiner.
BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")


def _build_latin_base() -> dict[str, str]:
    table = dict(_NAMED_LATIN)
    for first, last in _LATIN_BLOCKS:
        for code_point in range(first, last + 1):
            match = _LATIN_NAME.fullmatch(unicodedata.name(chr(code_point), ""))
            if match:
                table.setdefault(chr(code_point), match.group(1).lower())
    return table


LATIN_BASE = _build_latin_base()
