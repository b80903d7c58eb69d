"""Restores words in leetspeak or with masked letters: sh1t, a$$hole, f*ck, s***, f---."""

import re
from functools import lru_cache

from moderation.language.fold.folded import Change, Normalised, Piece, has_triple, replace, rewrite, spread
from moderation.language.fold.letters import sign_looks
from moderation.language.fold.lexicon import ANY, shipped_lexicon

# The letters that a digit or sign may stand for, the likeliest first.
LEET = sign_looks() | {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "gb", "7": "t", "8": "b", "9": "g",
    "@": "a", "$": "s", "!": "il", "|": "il", "€": "e", "£": "l", "¢": "c", "+": "t", "(": "c", "<": "c",
    "{": "c", "[": "c", "^": "a", "#": "h", "&": "a", "¥": "y", "\u00a1": "i",
}  # fmt: skip
_MASK_SIGNS = frozenset("*#@$%&!^~?_.+-=\u00b7")
_JOINERS = frozenset(".-_~=?+^")  # mask signs that also join ordinary words: a masked word has at most one
_TRAILING = frozenset("*#%@$&-")  # mask signs that may stand at the end of a word
_LETTER_SIGNS = "".join(sign_looks())
_INNER = r"[^\w\s,;:\"'/\\>)\]}`]|_"
_TOKEN = re.compile(
    r"(?<![\w@$])@\$\$(?![\w$])"
    rf"|(?<!\w)[@$€£¢|+*_~!{_LETTER_SIGNS}]{{0,3}}[a-z0-9]+(?:(?:{_INNER}){{1,12}}[a-z0-9]+)*(?:[*#@$%&!+\-]{{1,12}})?"
)
# A text that matches neither has no masked word.
_BEFORE_LETTER = re.compile(r"[0-9@$|+*_~!#?.\-=^%&({\[<\x80-\U0010ffff][a-z0-9@$]")
_BEHIND_LETTER = re.compile(r"[*#@%$&+\-0-9](?<=[a-z0-9@].)")
_ALL_SIGNS = "@$$"
_LONGEST = 40
# Words that are too short for the general rules: a55 is a road, a&s a faculty.
_SHORT = {
    "ass": re.compile(r"a(?:[*#@!%]s|\$[$s5]|[s5]\$|\*\*|##)|@[s5$][s5$]|4[s$][s5$]|4[5$]s|45\$"),
    "sex": re.compile(r"s[*#@!$%3]x|5[e3*]x"),
    "fag": re.compile(r"f[*#@4][g96]"),
    "cum": re.compile(r"c[*#@%]m"),
    "fuck": re.compile(r"f[*#@]k"),
}
_WHOLE = {"f-ing": "fucking", "f*ing": "fucking"}
_PARTS = re.compile(r"[^.\-_~?!+&]+")
# Letters drawn with several signs. They count before two other letters, or between two letters.
_DRAWINGS = {"(_)": "u", "|_|": "u", "|-|": "h", "|)": "d", "|<": "k", "|2": "r", "/\\": "a", "\\/": "v"}
_DRAWN = re.compile(
    rf"(?:{'|'.join(map(re.escape, _DRAWINGS))})(?=[a-z0-9$@!]{{2}})"
    rf"|(?<=[a-z0-9$@!])(?:{'|'.join(map(re.escape, _DRAWINGS))})(?=[a-z0-9$@!])"
)
# The word for a first letter that is followed by mask signs only; the number is that of the signs.
_INITIALS = {
    "a2": "ass", "a6": "asshole", "b4": "bitch", "c3": "cunt", "d3": "dick", "f3": "fuck", "f6": "fucking",
    "f5": "fucked", "m11": "motherfucker", "n4": "nigga", "n5": "nigger", "p4": "pussy", "s3": "shit",
    "w4": "whore",
}  # fmt: skip


def fold_masked(folded: Normalised) -> Normalised:
    """Replace words that are masked, respelt or written with digits and signs by their plain form."""
    if "|" in folded.text or "(_)" in folded.text or "\\/" in folded.text or "/\\" in folded.text:
        folded = rewrite(
            folded, _DRAWN, lambda match: [(_DRAWINGS[match.group()], match.start(), match.end())]
        )
    text = folded.text
    is_stretched = has_triple(text)
    if not (is_stretched or _BEFORE_LETTER.search(text) or _BEHIND_LETTER.search(text)):
        return folded
    return replace(folded, _changes(text, is_stretched))


def _changes(text: str, is_stretched: bool) -> list[Change]:
    changes: list[Change] = []
    for match in _TOKEN.finditer(text):
        token = match.group()
        pieces = None if token.isalpha() and not is_stretched else unmask(token)
        if pieces:
            first = match.start()
            changes.append((first, match.end(), [(letter, first + a, first + b) for letter, a, b in pieces]))
    return changes


@lru_cache(maxsize=32_768)
def unmask(token: str) -> tuple[Piece, ...] | None:
    """The plain letters of `token`, each with its range in the token; None if it is not disguised."""
    if token == _ALL_SIGNS:
        return tuple(spread("ass", token, 0))
    if token.isalpha():
        plain = shipped_lexicon().plain_form(token)
        return None if plain is None else tuple(spread(plain, token, 0))
    if len(token) > _LONGEST:
        return None
    for start, end in ((0, len(token)), _core(token)):
        plain = _whole(token[start:end])
        if plain is not None:
            return _around(token, start, end, plain)
    pieces: list[Piece] = []
    done, is_changed = 0, False
    for part in _PARTS.finditer(token):
        plain = None if part.group() == token else _part(part.group())
        if plain is None:
            continue
        is_changed = True
        pieces += [(token[i], i, i + 1) for i in range(done, part.start())]
        pieces += spread(plain, part.group(), part.start())
        done = part.end()
    if not is_changed:
        return None
    return (*pieces, *((token[i], i, i + 1) for i in range(done, len(token))))


def _core(token: str) -> tuple[int, int]:
    """The token without surrounding emphasis marks and trailing punctuation."""
    start, end = 0, len(token)
    while start < end and token[start] in "*_~":
        start += 1
        if token[end - 1] == token[start - 1] and end > start:
            end -= 1
    while end > start and token[end - 1] in "!?.+":
        end -= 1
    return start, end


def _part(part: str) -> str | None:
    return shipped_lexicon().plain_form(part) if part.isalpha() else _whole(part)


def _whole(core: str) -> str | None:
    """The word that `core` as a whole disguises; None without one."""
    letters = sum("a" <= character <= "z" for character in core)
    if letters == len(core) or len(core) < 3:
        return None
    if len(core) == 3:
        return next((plain for plain, pattern in _SHORT.items() if pattern.fullmatch(core)), None)
    if letters == 0:
        return None
    return (
        _WHOLE.get(core)
        or _by_leet(core)
        or _by_initial(core)
        or _by_signs(core, letters)
        or _by_runs(core, letters)
    )


def _by_leet(core: str) -> str | None:
    """The word if every sign stands for a letter that it resembles."""
    pattern = [_likely(character) for character in core]
    if not all(pattern):
        return None
    lexicon = shipped_lexicon()
    found = lexicon.find(pattern) or lexicon.plain_form("".join(allowed[0] for allowed in pattern))
    if found is None or (core[-2:].isdigit() and found not in lexicon.sure):
        return None
    return found


def _by_initial(core: str) -> str | None:
    """The word if a letter is followed by mask signs only: s***."""
    signs = core[1:]
    if any(character not in _TRAILING and character != "!" for character in signs):
        return None
    if signs.startswith("-") and len(signs) < 3:
        return None
    return _INITIALS.get(f"{core[0]}{len(signs)}")


def _by_signs(core: str, letters: int) -> str | None:
    """The word if every sign stands for any one letter: c**t, sh#t, f.ck."""
    if letters < 2 or not "a" <= core[0] <= "z":
        return None
    lexicon = shipped_lexicon()
    signs = [character for character in core if not "a" <= character <= "z"]
    digits = sum(map(str.isdigit, signs))
    if not all(_is_mask_sign(character) or character.isdigit() for character in signs):
        return None
    if not _JOINERS.isdisjoint(signs) and (len(signs) > 1 or letters < 3 or not core[-1].isalpha()):
        return None
    if not core[-1].isalpha() and (core[-1] not in _TRAILING or _has_footnote_mark(core)):
        return None
    found = lexicon.find([_likely(character) for character in core])
    if found is None and (digits == 0 or (len(signs) == 1 and letters >= 3 and core[-1].isalpha())):
        found = lexicon.find([character if "a" <= character <= "z" else ANY for character in core])
    is_doubtful = digits > 0 or not core[-1].isalpha()
    return None if is_doubtful and found not in lexicon.sure else found


def _likely(character: str) -> str:
    return character if "a" <= character <= "z" else LEET.get(character, ANY)


def _is_mask_sign(character: str) -> bool:
    return character in _MASK_SIGNS or (not character.isascii() and not character.isalnum())


def _has_footnote_mark(core: str) -> bool:
    """Whether the trailing signs follow a complete word, as the mark of a footnote does, or have a hyphen."""
    stem = core.rstrip("".join(_TRAILING))
    lexicon = shipped_lexicon()
    return stem in lexicon.everyday or stem in lexicon or "-" in core[len(stem) :]


def _by_runs(core: str, letters: int) -> str | None:
    """The word if stars, a run of n of them, stand for 1 to n + 2 letters: f*k, mother***er."""
    if "*" not in core or not core[0].isalpha() or not core[-1].isalpha():
        return None
    if not all(character.isalpha() or character in _TRAILING for character in core):
        return None
    if letters < 3 and core.count("*") < 2:
        return None
    pattern = re.compile(re.sub(r"[^a-z]+", lambda run: f"[a-z]{{1,{len(run.group()) + 2}}}", core))
    return next((word for word in shipped_lexicon().beginning_with(core[0]) if pattern.fullmatch(word)), None)


def _around(token: str, start: int, end: int, plain: str) -> tuple[Piece, ...]:
    before = tuple((token[i], i, i + 1) for i in range(start))
    after = tuple((token[i], i, i + 1) for i in range(end, len(token)))
    return before + tuple(spread(plain, token[start:end], start)) + after
