"""Finds phrases and contact details that are typical of advertising, scams and doxxing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from moderation.domain.signals import Axis, Param, Signal, Span
from moderation.engine.facts import Context
from moderation.engine.text.contacts import find_emails, find_messengers, find_phones
from moderation.engine.text.links import find_links, only_foreign
from moderation.engine.text.praise import find_praise
from moderation.engine.text.shipped_lists import pitches

# Alternatives for a spinner, {a|b}, in single braces: double braces are wiki templates.
_SPIN = re.compile(r"(?<!\{)\{[^{}|]{1,80}(?:\|[^{}|]{0,80}){1,20}\}(?!\})")


@dataclass(frozen=True)
class Patterns:
    """With the default policy no pattern alone makes a comment spam, and an e-mail address holds it."""

    @dataclass(frozen=True, slots=True)
    class Options:
        praise_max_words: int = 40  # in a longer text praise is ordinary politeness
        pitch_first: float = 2.0
        pitch_further: float = 1.0  # for each further phrase, at most four of them

    options: Options = Options()

    name = "patterns"
    version = "1"
    axis = Axis.SPAM
    sentences: ClassVar[Mapping[str, str]] = {
        "patterns.praise_with_link": "Praise that fits any article, with a link",
        "patterns.pitch": "Advertising: “{phrase}”",
        "patterns.phone": "A telephone number",
        "patterns.messenger": "An invitation to a messenger",
        "patterns.email_address": "An e-mail address",
        "patterns.spin": "A template with words to choose from: {{a|b}}",
    }

    def run(self, context: Context) -> list[Signal]:
        """At most one signal per pattern. No signal repeats an address or a number."""
        text = context.text
        return [
            *self._praise(context),
            *self._pitch(context),
            *_signal("patterns.phone", Axis.SPAM, 1.0, _spans(find_phones(text))),
            *_signal("patterns.messenger", Axis.SPAM, 2.0, _spans(find_messengers(text))),
            *_signal("patterns.email_address", Axis.QUALITY, 1.5, _spans(find_emails(text))),
            *_signal("patterns.spin", Axis.SPAM, 3.0, _spans(list(_SPIN.finditer(text)))),
        ]

    def _praise(self, context: Context) -> list[Signal]:
        span = find_praise(context.normalised, max_words=self.options.praise_max_words)
        if span is None:
            return []
        has_link = bool(only_foreign(find_links(context.text), context.site.hosts, None))
        if not has_link and not context.website.strip():
            return []
        return _signal("patterns.praise_with_link", Axis.SPAM, 2.5 if has_link else 1.0, [span])

    def _pitch(self, context: Context) -> list[Signal]:
        folded = context.normalised
        hits = sorted(pitches().find(folded), key=lambda hit: (hit.start, -hit.end))
        phrases = list(dict.fromkeys(hit.word for hit in hits))
        if not phrases:
            return []
        points = self.options.pitch_first + self.options.pitch_further * min(len(phrases) - 1, 4)
        spans = tuple(folded.span(hit.start, hit.end) for hit in hits[:20])
        params: dict[str, Param] = {"count": len(phrases), "phrase": phrases[0]}
        return [Signal("patterns.pitch", Axis.SPAM, points, "content", params=params, spans=spans)]


def _signal(code: str, axis: Axis, points: float, spans: list[Span]) -> list[Signal]:
    if not spans:
        return []
    return [Signal(code, axis, points, "content", params={"count": len(spans)}, spans=tuple(spans[:20]))]


def _spans(matches: list[re.Match[str]]) -> list[Span]:
    return [Span(match.start(), match.end()) for match in matches]
