"""Finds texts in a language that is not one of the site's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from moderation.domain.signals import Axis, Signal
from moderation.engine.facts import Context
from moderation.language.features import detect_language


@dataclass(frozen=True)
class Language:
    """Returns no signal for short texts, for uncertain detections, and for sites that name no language."""

    @dataclass(frozen=True, slots=True)
    class Options:
        min_probability: float = 0.7
        points: float = 1.5

    options: Options = Options()

    name = "language"
    version = "1"
    axis = Axis.QUALITY
    sentences: ClassVar[Mapping[str, str]] = {
        "language.other": "Written in {language}; this site reads {expected}",
    }

    def run(self, context: Context) -> list[Signal]:
        """At most one signal, whose confidence is the probability of the detected language."""
        expected = {language.lower().split("-")[0] for language in context.site.languages}
        detected = detect_language(context.text) if expected else None
        if detected is None or detected[0] in expected or detected[1] < self.options.min_probability:
            return []
        language, probability = detected
        params = {"language": language, "expected": ", ".join(sorted(expected))}
        return [
            Signal(
                "language.other",
                Axis.QUALITY,
                self.options.points,
                "content",
                confidence=round(probability, 3),
                params=params,
            )
        ]
