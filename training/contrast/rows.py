"""Draws labelled rows from the templates: deterministic by split and seed."""

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from training.contrast.bank import SPLITS, Template, templates, words
from training.contrast.grammar import Filler, tidy
from training.contrast.kinds import ABUSE_HEADS, KINDS, Kind
from training.contrast.noise import roughen
from training.contrast.terms import Term, TermPicker, terms_of

# Slots that carry what a pair is about: a twin template must hold the same ones.
_CORE = re.compile(r"\{(claim|praise|insult_np|insult_adj|threat_vp)\}")
_TWIN_BY_CORE = (("claim", "identity_attack"), ("insult", "direct_insult"), ("threat", "threat"))
_STRONG = re.compile(
    r"\b(\w*fuck\w*|shit\w*|bullshit\w*|\w*asshole\w*|arsehole\w*|bastard\w*|bitch\w*|cunt\w*|wank\w*|twat\w*|"
    r"prick|pricks|dickhead\w*|piss off|bollocks|goddamn\w*|knobhead\w*|shite)\b",
    re.IGNORECASE,
)
# Too mild for one house, too rude for the next: the profanity head is masked.
_MILD = re.compile(
    r"\b(damn\w*|hell|crap\w*|bloody|arse|ass|dumbass|jackass|badass|pissed|pissing|queers?|dykes?|fags?|"
    r"sluts?|slutty|crips?|whores?|tits|cock|dick)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Row:
    """One comment. `heads` has a 0 or 1 for each head that it speaks to; `term` is the group named or ""."""

    text: str
    kind: str
    heads: Mapping[str, int]
    term: str
    harmless: bool
    template: str = field(repr=False)

    @property
    def label(self) -> int:
        """1 for abuse and for spam; profanity alone is neither."""
        return int(any(self.heads.get(head) for head in (*ABUSE_HEADS, "spam")))


def generate(split: str, seed: int, rows: int) -> Iterator[Row]:
    """`rows` rows of a split ("train", "dev" or "test"); the same seed gives the same rows."""
    if split not in SPLITS:
        raise ValueError(f"no split named {split!r}: one of {', '.join(SPLITS)}")
    writer = _Writer(split, random.Random(f"{split} {seed}"))
    left = rows
    while left > 0:
        for row in writer.write()[:left]:
            left -= 1
            yield row


class _Writer:
    """Keeps what makes the rows even: decks of templates, and how often each term was used."""

    def __init__(self, split: str, source: random.Random) -> None:
        self._random = source
        self._templates = templates(split)
        self._words = words(split)
        self._terms = TermPicker(terms_of(split), source)
        self._decks: dict[str, list[Template]] = {}
        self._kinds = [kind for kind in KINDS if kind in self._templates]
        self._weights = [KINDS[kind].weight for kind in self._kinds]

    def write(self) -> list[Row]:
        """One row, or a harmless row and its twin."""
        name = self._random.choices(self._kinds, self._weights)[0]
        kind, template = KINDS[name], self._deal(name)
        twin, twin_kind = self._twin_of(template, kind)
        filler = Filler(self._words, self._terms, self._random)
        halves = [template.text, twin] if twin else [template.text]
        texts = filler.fill(halves, harmless=kind.harmless)
        names = [name, twin_kind][: len(halves)]
        return [
            self._finish(text, half, of, filler.bound)
            for text, half, of in zip(texts, halves, names, strict=True)
        ]

    def _deal(self, kind: str) -> Template:
        """The next template of the kind: all of them once before any comes again."""
        deck = self._decks.get(kind)
        if not deck:
            deck = self._decks[kind] = list(self._templates[kind])
            self._random.shuffle(deck)
        return deck.pop()

    def _twin_of(self, template: Template, kind: Kind) -> tuple[str, str]:
        """A hostile template about the same thing and its kind; "" where the text shares nothing with any."""
        if template.twin:
            return template.twin, template.twin_kind or kind.twin
        core = set(_CORE.findall(template.text))
        if not core or not kind.twin:
            return "", ""
        hostile = next(
            (of for prefix, of in _TWIN_BY_CORE if any(c.startswith(prefix) for c in core)), kind.twin
        )
        fitting = [t.text for t in self._templates[hostile] if set(_CORE.findall(t.text)) == core]
        return (self._random.choice(fitting), hostile) if fitting else ("", "")

    def _finish(self, text: str, template: str, name: str, bound: Mapping[str, Term]) -> Row:
        kind = KINDS[name]
        term = bound.get("g")
        if term:
            self._terms.count(term, harmless=kind.harmless)
        heads = {**kind.heads, **_profanity(text, template)}
        text = tidy(self._in_context(text, kind))
        text = roughen(text, self._random, term.plural if term else "")
        return Row(text, name, heads, term.plural if term else "", kind.harmless, template)

    def _in_context(self, text: str, kind: Kind) -> str:
        """Sometimes sentences before and after that say nothing either way, the same for all kinds."""
        parts = [text if re.search(r"[.!?:)\"']$", text) or "example" in text[-40:] else f"{text}."]
        for name, share in (("opening", 0.33), ("opening", 0.08), ("closing", 0.33), ("closing", 0.08)):
            if self._random.random() < share:
                parts.insert(0 if name == "opening" else len(parts), self._context(name, kind))
        return " ".join(parts)

    def _context(self, name: str, kind: Kind) -> str:
        filler = Filler(self._words, self._terms, self._random)
        return filler.fill([self._deal(name).text], harmless=kind.harmless)[0]


def _profanity(text: str, template: str) -> dict[str, int]:
    if _STRONG.search(text):
        return {"profanity": 1}
    if _MILD.search(text) or "{slur" in template:
        return {}
    return {"profanity": 0}
