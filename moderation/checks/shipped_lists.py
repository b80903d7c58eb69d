"""The lists that ship with the engine, each loaded once a process when first needed.

Together about 2 MB of memory and 30 ms; sources and licences: `lists/README.md`.
"""

import csv
from functools import cache
from pathlib import Path

from moderation.checks.domain_names import DomainSet
from moderation.checks.word_matching import WordMatcher

_LISTS = Path(__file__).parent / "lists"

# Weights of profanity, read as levels by the `wordlist` check.
MILD, STRONG, SEVERE, SLUR = 1.0, 2.0, 3.0, 4.0

_SLUR_CATEGORIES = frozenset({"racial / ethnic slurs", "sexual orientation / gender"})
_LEVELS = {"Mild": MILD, "Strong": STRONG, "Severe": SEVERE}

# Listed, yet everyday words, names or numbers in most comments that contain them.
_EVERYDAY = frozenset({
    "69", "bbc", "bj", "bwc", "dix", "hoe", "jap", "nip", "gyp", "wop", "kkk", "spic", "god", "goddamn",
    "spook", "spooks", "jigger", "jiggers", "suck", "sucks", "sucked", "sucking", "sucker",
})  # fmt: skip


# Slurs only in some mouths: names of cats, dams and cigarettes otherwise.
_AMBIGUOUS = frozenset({"coon", "coons", "dyke", "dykes", "fags"})


@cache
def english_profanity() -> WordMatcher:
    """English profanity, each word with its level."""
    words: dict[str, float] = dict.fromkeys(_lines("ldnoobw/en.txt"), MILD)
    with (_LISTS / "surge/profanity_en.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            word = row["text"].lower()
            words[word] = MILD if word in _AMBIGUOUS else _level(row)
    return WordMatcher({word: level for word, level in words.items() if word not in _EVERYDAY})


@cache
def profanity_of(language: str) -> WordMatcher | None:
    """The profanity list of another language than English (ISO 639-1); None without one."""
    path = _LISTS / "ldnoobw" / f"{language}.txt"
    if language == "en" or not language.isalpha() or not path.is_file():
        return None
    return WordMatcher(dict.fromkeys(_lines(f"ldnoobw/{language}.txt"), MILD))


@cache
def threats() -> WordMatcher:
    """Phrases that threaten somebody or wish them dead."""
    return WordMatcher(dict.fromkeys(_lines("own/threats.txt"), 1.0))


@cache
def pitches() -> WordMatcher:
    """Phrases of people who advertise."""
    return WordMatcher(dict.fromkeys(_lines("own/pitches.txt"), 1.0))


@cache
def spam_domains() -> DomainSet:
    """Domains seen in spam."""
    return DomainSet([*_lines("matomo/spammers.txt"), *_lines("yt_spam/domains.txt")])


@cache
def shorteners() -> DomainSet:
    """Hosts that hide where a link leads."""
    return DomainSet([*_lines("wp_shorteners/shorteners.txt"), *_lines("own/shorteners.txt")])


def _level(row: dict[str, str]) -> float:
    level = _LEVELS[row["severity_description"]]
    if level == SEVERE and row["category_1"] in _SLUR_CATEGORIES:
        return SLUR
    return level


def _lines(name: str) -> list[str]:
    lines = (_LISTS / name).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]
