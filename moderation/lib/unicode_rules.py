"""Which characters a text may contain, tested in linear time and before any normalisation."""

import re
import unicodedata

# NUL is refused by PostgreSQL, lone surrogates by UTF-8; the other C0 controls and DEL have no place in text.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_NEWLINES = re.compile(r"\r\n?")
_LINE_BREAKS = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_BIDI = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # the property Bidi_Control, UAX #9
# Letters and symbols by category that show nothing: Braille blank, Hangul and Khmer fillers,
# the object replacement and the null notehead.
_BLANKS = frozenset("\u2800\u3164\u115f\u1160\uffa0\ufffc\U0001d159")
_FIRST_MARK = "\u0300"
MAX_MARKS = 8  # Hebrew with cantillation and Vietnamese need 3; nothing readable needs more than 8


def has_forbidden_controls(text: str) -> bool:
    """NUL, lone surrogates, C0 controls other than tab, LF and CR, or DEL."""
    return _CONTROLS.search(text) is not None


def unify_newlines(text: str) -> str:
    """CR LF and CR as LF."""
    return _NEWLINES.sub("\n", text)


def has_line_breaks(text: str) -> bool:
    """Whether there is any character that some program treats as the end of a line."""
    return _LINE_BREAKS.search(text) is not None


def has_bidi_controls(text: str) -> bool:
    """Whether there are characters that change the direction of the text after them."""
    return _BIDI.search(text) is not None


def has_too_many_marks(text: str) -> bool:
    """More than `MAX_MARKS` combining marks on one base. Invisible format characters are no new base."""
    if text.isascii():
        return False
    if not any(char >= _FIRST_MARK and unicodedata.category(char)[0] == "M" for char in set(text)):
        return False
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        if category[0] == "M":
            marks += 1
            if marks > MAX_MARKS:
                return True
        elif category != "Cf":
            marks = 0
    return False


def has_visible_character(text: str) -> bool:
    """Whether anything is visible: a letter, digit, sign or symbol that is not a blank one."""
    return any(unicodedata.category(char)[0] in "LNPS" and char not in _BLANKS for char in text)
