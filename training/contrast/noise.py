"""Makes careful sentences look like readers' comments; never looks at what they mean."""

import random
import re

_SHORT = {
    "you": "u", "are": "r", "your": "ur", "because": "bc", "people": "ppl", "please": "pls", "though": "tho",
    "going to": "gonna", "want to": "wanna", "don't know": "dunno", "right now": "rn", "really": "rly",
    "with": "w/", "and": "&", "before": "b4", "to be honest": "tbh", "thanks": "thx", "about": "abt",
}  # fmt: skip
_SLIPS = {
    "their": "there", "there": "their", "you're": "your", "your": "you're", "too": "to", "its": "it's",
    "than": "then", "definitely": "definately", "lose": "loose", "a lot": "alot", "believe": "beleive",
    "should have": "should of", "were": "where", "government": "goverment", "whether": "wether",
}  # fmt: skip
_ENDINGS = (
    "!",
    "!!",
    "...",
    "",
    "",
    " lol",
    " smh",
    " 🙄",
    " 😂",
    "!!!",
    " imo",
    " tbh",
    " 🤷",
    " .",
    " 😡",
    " xx",
)
_SWEARING = re.compile(r"\b(fuck|shit|bitch|cunt|bastard)", re.IGNORECASE)


def roughen(text: str, source: random.Random, keep: str = "") -> str:
    """The text in one of many hands. `keep` (an identity term) is spared typing errors, not lower case."""
    if source.random() < 0.10:
        text = _swap_one(text, _SLIPS, source)
    if source.random() < 0.07:
        text = _swap_one(text, _SHORT, source)
    if source.random() < 0.10:
        text = _mistype(text, source, keep)
    if source.random() < 0.05:
        text = _mask(text, source)
    return _end(_case(_apostrophes(text, source), source), source)


def _swap_one(text: str, table: dict[str, str], source: random.Random) -> str:
    present = [word for word in table if re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE)]
    if not present:
        return text
    word = source.choice(present)
    return re.sub(rf"\b{re.escape(word)}\b", table[word], text, flags=re.IGNORECASE)


def _mistype(text: str, source: random.Random, keep: str) -> str:
    """One letter dropped, doubled or swapped inside one longer word."""
    spared = {word.lower() for word in re.findall(r"\w+", keep)}
    places = [
        m for m in re.finditer(r"(?<![\w./@-])[A-Za-z]{5,}(?![\w./@-])", text) if m[0].lower() not in spared
    ]
    if not places:
        return text
    match = source.choice(places)
    word, at = match[0], source.randrange(1, len(match[0]) - 2)
    broken = source.choice((
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    ))  # fmt: skip
    return text[: match.start()] + broken + text[match.end() :]


def _mask(text: str, source: random.Random) -> str:
    sign = source.choice("*#@-")
    return _SWEARING.sub(lambda match: match[0][0] + sign + match[0][2:], text)


def _apostrophes(text: str, source: random.Random) -> str:
    style = source.random()
    if style < 0.15:
        return re.sub(r"(?<=\w)'(?=\w)", "", text)
    if style < 0.30:
        return text.replace("'", "’")  # noqa: RUF001 - what phones type
    return text


def _case(text: str, source: random.Random) -> str:
    style = source.random()
    if style < 0.27:
        return text.lower()
    if style < 0.30:
        return text if "http" in text or ".example" in text else text.upper()
    if style < 0.34:
        return _shout_one(text, source)
    return text


def _shout_one(text: str, source: random.Random) -> str:
    words = text.split(" ")
    at = source.randrange(len(words))
    if "." not in words[at].strip(".") and "@" not in words[at]:
        words[at] = words[at].upper()
    return " ".join(words)


def _end(text: str, source: random.Random) -> str:
    if source.random() < 0.45 or not text.endswith("."):
        return text
    return text[:-1] + source.choice(_ENDINGS)
