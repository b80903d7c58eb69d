"""The lists that ship with the engine, each loaded once in a process when it is first needed.

Together they take about 2 MB of memory and 30 ms to load. Sources and licences: `lists/README.md`.
"""

import csv
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

from moderation.engine.text.domain_names import DomainSet
from moderation.engine.text.word_matching import WordMatcher
from moderation.language.features import detect_language
from moderation.language.fold.normalise import normalise

_LISTS = Path(__file__).parent / "lists"

# The weights of profane words, which the `wordlist` check uses as levels of severity.
MILD, STRONG, SEVERE, SLUR = 1.0, 2.0, 3.0, 4.0

_LIKELY = 0.5  # the probability from which a detected language is used

_SLUR_CATEGORIES = frozenset({"racial / ethnic slurs", "sexual orientation / gender"})
_LEVELS = {"Mild": MILD, "Strong": STRONG, "Severe": SEVERE}

# Listed words that are left out: in most comments they are everyday words, names or numbers.
_EVERYDAY = frozenset({
    "69", "bbc", "bj", "bwc", "dix", "hoe", "jap", "nip", "gyp", "wop", "kkk", "niger", "spic", "god",
    "goddamn", "spook", "spooks", "jigger", "jiggers", "suck", "sucks", "sucked", "sucking", "sucker",
    "peter", "wang", "cox", "dong", "bates", "sheet", "crow", "crows", "finger", "sack", "nuggets", "escort",
    "domination", "sex", "sexual", "sexually", "sexuality", "rape", "rapist", "breasts", "sperm", "semen",
})  # fmt: skip


# Words that are slurs only in some contexts, and otherwise name a breed of cat, a dam, a dog or, in Spanish,
# a colour. They count as mild.
_AMBIGUOUS = frozenset({"coon", "coons", "dyke", "dykes", "mongrel", "negro", "negroes", "negroid"})


# Beginnings of sentences in the first person, and calls: texts about hatred are worded differently.
_HATING = (
    *(
        f"{who} {verb}"
        for who in ("i", "we")
        for verb in ("hate", "fucking hate", "despise", "loathe", "hate all")
    ),
    *("i really hate", "i hate the", "i hate these", "death to", "death to all", "kill all", "fuck all"),
)


@cache
def english_profanity() -> WordMatcher:
    """English profanity, each word with its level."""
    words = dict.fromkeys(_lines("ldnoobw/en.txt"), MILD)
    with (_LISTS / "surge/profanity_en.csv").open(encoding="utf-8", newline="") as rows:
        words |= {row["text"].lower(): _level(row) for row in csv.DictReader(rows)}
    levels: dict[str, float] = {}
    for word, level in words.items():
        # Words are compared in folded form, since the list has "sp00k" as well as "spook".
        folded = normalise(word).text.strip()
        if folded not in _EVERYDAY:
            level_here = MILD if folded in _AMBIGUOUS else level
            levels[folded] = max(level_here, levels.get(folded, MILD))
    return WordMatcher(levels)


@cache
def profanity_of(language: str) -> WordMatcher | None:
    """The profanity list of another language than English (ISO 639-1); None without one."""
    path = _LISTS / "ldnoobw" / f"{language}.txt"
    if language == "en" or not language.isalpha() or not path.is_file():
        return None
    return WordMatcher(dict.fromkeys(_lines(f"ldnoobw/{language}.txt"), MILD))


def profanity_in(text: str, languages: Iterable[str]) -> list[WordMatcher]:
    """The English list, and those of the site's `languages` and of the language that `text` is in.

    Other lists are not used, because everyday words of one language are profanity in another: French "bite",
    Dutch "pot".
    """
    spoken = dict.fromkeys([*languages, *_language_of(text)])
    others = [matcher for language in spoken if (matcher := profanity_of(language))]
    return [english_profanity(), *others]


def everyday_in(text: str, languages: Iterable[str]) -> WordMatcher:
    """English swear words that are everyday words in the language of `text`: French "retard", Swedish "slut".

    A text too short to tell is taken for one in the site's `languages`, unless English is one of them.
    """
    spoken = _language_of(text) or tuple(languages)
    words = () if "en" in spoken else (word for language in spoken for word in _everyday().get(language, ()))
    return _matcher_of(tuple(words))


@cache
def _everyday() -> dict[str, tuple[str, ...]]:
    lines = (line.split() for line in _lines("own/everyday_elsewhere.txt"))
    return {language: tuple(words) for language, *words in lines}


@lru_cache(maxsize=64)
def _matcher_of(words: tuple[str, ...]) -> WordMatcher:
    return WordMatcher(dict.fromkeys(words, MILD))


def _language_of(text: str) -> tuple[str, ...]:
    detected = detect_language(text)
    return (detected[0],) if detected and detected[1] >= _LIKELY else ()


@cache
def threats() -> WordMatcher:
    """Phrases that threaten somebody or wish them dead."""
    return WordMatcher(dict.fromkeys(_lines("own/threats.txt"), 1.0))


@cache
def hatred() -> WordMatcher:
    """Phrases that express the writer's hatred of a group of people."""
    phrases = (f"{start} {group}" for start in _HATING for group in _lines("own/groups.txt"))
    return WordMatcher(dict.fromkeys(phrases, 1.0))


@cache
def pitches() -> WordMatcher:
    """Phrases that are typical of advertising."""
    return WordMatcher(dict.fromkeys(_lines("own/pitches.txt"), 1.0))


@cache
def name_keywords() -> frozenset[str]:
    """Words that people put into a name to be found by search engines."""
    return frozenset(_lines("own/name_keywords.txt"))


@cache
def spam_domains() -> DomainSet:
    """Domains seen in spam."""
    return DomainSet([*_lines("matomo/spammers.txt"), *_lines("yt_spam/domains.txt")])


@cache
def shorteners() -> DomainSet:
    """Hosts of link shorteners, which hide the target of a link."""
    return DomainSet([*_lines("wp_shorteners/shorteners.txt"), *_lines("own/shorteners.txt")])


def _level(row: dict[str, str]) -> float:
    level = _LEVELS[row["severity_description"]]
    if level == SEVERE and row["category_1"] in _SLUR_CATEGORIES:
        return SLUR
    return level


def _lines(name: str) -> list[str]:
    lines = (_LISTS / name).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]
