"""Draws labelled rows from the templates: deterministic by split and seed."""

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from training.contrast.bank import SPLITS, Template, templates, words
from training.contrast.grammar import Filler
from training.contrast.kinds import ABUSE_HEADS, KINDS, Kind
from training.contrast.noise import roughen
from training.contrast.terms import Term, TermPicker, terms_of

# Slots that carry what a pair is about: a twin template must hold the same ones.
_CORE = re.compile(
    r"\{(claim|praise|insult_np|insult_adj|threat_vp|threat_ving|threat_past|slurs?|lewd_np|claim_[a-z]+)\}"
)
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
_CONTEXT_SHARE = 0.34


@dataclass(frozen=True)
class Row:
    """One comment. `heads` has a 0 or 1 for each head that the row speaks to; `term` is the group named or ""."""

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
        twin = template.twin or (self._twin_of(template.text, kind.twin) if kind.twin else "")
        filler = Filler(self._words, self._terms, self._random)
        halves = [template.text, twin] if twin else [template.text]
        texts = filler.fill(halves, harmless=kind.harmless)
        names = [name, kind.twin][: len(halves)]
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

    def _twin_of(self, text: str, kind: str) -> str:
        """A hostile template about the same thing; "" where the text is about nothing that twins share."""
        core = set(_CORE.findall(text))
        if not core:
            return ""
        fitting = [t.text for t in self._templates[kind] if set(_CORE.findall(t.text)) == core]
        return self._random.choice(fitting) if fitting else ""

    def _finish(self, text: str, template: str, name: str, bound: Mapping[str, Term]) -> Row:
        kind = KINDS[name]
        term = bound.get("g")
        if term:
            self._terms.count(term, harmless=kind.harmless)
        heads = {**kind.heads, **_profanity(text, template)}
        text = roughen(self._in_context(text, kind), self._random, term.plural if term else "")
        return Row(text, name, heads, term.plural if term else "", kind.harmless, template)

    def _in_context(self, text: str, kind: Kind) -> str:
        """Sometimes a sentence before or after that says nothing either way, the same for all kinds."""
        parts = [text]
        if self._random.random() < _CONTEXT_SHARE:
            parts.insert(0, self._context("opening", kind))
        if self._random.random() < _CONTEXT_SHARE:
            parts.append(self._context("closing", kind))
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
