"""Write the word lists that folding knows: `python -m training.words DATA_DIR`.

`DATA_DIR` holds `abuse.train.jsonl.gz` (JSON lines with `text`, `label`, `lang`, `set`). Only counts of
single words are taken from it. Writes `profanity.txt` (words that people mask, the commonest first, from the
shipped lists) and `english.txt` (everyday words, the commonest first) into `moderation/language/data/`.
"""

import csv
import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
LISTS = ROOT / "moderation" / "engine" / "text" / "lists"
TARGET = ROOT / "moderation" / "language" / "data"
EVERYDAY_WORDS = 4_000
_WORD = re.compile(r"[a-z]+")
_SUFFIXES = (
    "s",
    "es",
    "ed",
    "er",
    "ers",
    "in",
    "ing",
    "y",
    "ty",
    "ting",
    "hole",
    "holes",
    "head",
    "heads",
    "face",
)

# A word of the lists counts as profane beyond doubt when it is built on one of these.
_ROOTS = (
    "fuck", "shit", "cunt", "bitch", "pussy", "pussies", "nigg", "fag", "whore", "slut", "dick", "cock",
    "twat", "wank", "bastard", "prick", "asshole", "arsehole", "douche", "retard", "tard", "kike", "spic",
    "chink", "gook", "paki", "tranny", "trannies", "jizz", "penis", "vagina", "blowjob", "porn", "rape",
    "rapist", "boob", "jackass", "dumbass", "badass", "asshat", "bollock", "skank", "bugger", "piss",
    "goddamn", "beaner", "wetback", "raghead", "towelhead", "shemale", "dyke", "coon", "tits", "titties",
    "scum", "idiot", "moron",
)  # fmt: skip
# Respellings, kin of other words, and what masks too many honest words.
_NOT_PLAIN = frozenset({
    "spicy", "spices", "spicer", "spiced", "spicing", "spick", "spastic", "cocky", "cocked", "dicky",
    "dicked", "twatter", "trannys", "kikess", "cooni", "coonie", "coonies", "fagg", "faggs", "faggo", "fagot",
    "faget", "bastardo", "bastinado", "bastardish", "bulldyke", "octopussy", "shited", "shitefulls", "cuntz",
    "fcktard", "sheet", "pissoff", "pissoffs", "fking", "niggass", "niggress", "niggir", "nicker", "pussys",
    "raped", "raping", "feck",
})  # fmt: skip
_RESPELT = re.compile(
    r"(.)\1\1|[kz]z$|az$|ez$|rz$|ahs?z?$|uhs?z?$|fuckk|kkers?$|akka|shitt[ei]?$|fck|fvck|fuk|fuc(?!k)|phuk|dikk|suk"
    r"|succ|fxck|bitchs$|zzes|mofo|mofu|shyt|cockhed|twatt|tits[a-z]"
)
# Of the other listed words those that occur, unless everyday English has them too.
_LEAST_OFTEN = 3
_MASKED_TOO = (
    "hoe", "negro", "negroes", "sex", "sexy", "sexual", "kill", "killed", "suicide", "piss", "pissed", "hell",
    "butt", "butts", "jerk", "nig", "cum", "tit",
)  # fmt: skip
_ADDED = (
    "ass", "asses", "damn", "crap", "spic", "spics", "fags", "fag", "hoes", "bullshit", "bullshitting",
    "fucks", "niggah", "niggahs", "nigguh", "niggaz",
)  # fmt: skip


def main() -> None:
    """Read the training rows once, write both lists."""
    everyday, everything = _count(Path(sys.argv[1]))
    listed = set(_listed())
    profane = {word for word in listed if _is_plain(word)} | set(_ADDED)
    inflected = {word + suffix for word in profane for suffix in _SUFFIXES}
    profane |= {word for word in inflected if everything[word] > 1 and any(root in word for root in _ROOTS)}
    profane -= _NOT_PLAIN
    usual = [word for word, _ in everyday.most_common() if word not in profane][:EVERYDAY_WORDS]
    masked = {
        word for word in listed if word.isascii() and word.isalpha() and everything[word] >= _LEAST_OFTEN
    }
    masked = (masked - profane - set(usual) - _NOT_PLAIN) | set(_MASKED_TOO)
    masked = {word for word in masked if (len(word) > 3 or word in _MASKED_TOO) and not _RESPELT.search(word)}

    def order(word: str) -> tuple[int, str]:
        return (-everything[word], word)

    words = [*sorted(profane, key=order), "# Only where masked", *sorted(masked, key=order)]
    _write("profanity.txt", "Words that people mask, the commonest first", words)
    _write("english.txt", "Everyday English words, the commonest first", usual)


def _count(data: Path) -> tuple[Counter[str], Counter[str]]:
    """In how many harmless rows each English word occurs, if in several sets; and how often in all rows."""
    everyday: Counter[str] = Counter()
    everything: Counter[str] = Counter()
    sets: dict[str, set[str]] = {}
    with gzip.open(data / "abuse.train.jsonl.gz", "rt", encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            if row["lang"] == "en":
                words = _WORD.findall(row["text"].lower())
                everything.update(words)
                if row["label"] == 0:
                    everyday.update(set(words))
                for word in words:
                    sets.setdefault(word, set()).add(row["set"])
    # What one source alone is about is not everyday.
    return Counter({word: count for word, count in everyday.items() if len(sets[word]) > 1}), everything


def _listed() -> Iterator[str]:
    yield from (LISTS / "ldnoobw" / "en.txt").read_text(encoding="utf-8").lower().split("\n")
    with (LISTS / "surge" / "profanity_en.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            yield row["text"].lower()


def _is_plain(word: str) -> bool:
    return (
        word.isascii()
        and word.isalpha()
        and 4 <= len(word) <= 16
        and word not in _NOT_PLAIN
        and any(root in word for root in _ROOTS)
        and not _RESPELT.search(word)
    )


def _write(name: str, title: str, words: list[str]) -> None:
    header = f"# {title}. Made by training/words.py; sources and licences: README.md\n"
    (TARGET / name).write_text(header + "\n".join(words) + "\n", encoding="utf-8")
    print(f"{name}: {len(words)} words")


if __name__ == "__main__":
    main()
