"""Finds spun texts: templates of blog spam (praise and wishes that fit any page) with words replaced."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from moderation.domain.signals import Axis, Signal
from moderation.engine.facts import Context
from moderation.engine.text.linked_domains import linked_domains
from moderation.language.fold.tokens import words
from moderation.language.models.spun import spun_model


@dataclass(frozen=True)
class Spun:
    """Gives few points, since readers praise too, and half of them for a text without a link or website."""

    @dataclass(frozen=True, slots=True)
    class Options:
        points: float = 2.0
        certain_points: float = 3.0
        without_address: float = 0.5  # the factor of the points for a text without a link or website
        short_words: int = 20  # a text with fewer words is often ordinary thanks
        short: float = 0.5  # the factor of the points for such a text

    options: Options = Options()

    name = "spun"
    version = "1"
    axis = Axis.SPAM
    sentences: ClassVar[Mapping[str, str]] = {
        "spun.template": "Words of a template that fits any page ({rarity} harmless comments have so many)",
    }

    def run(self, context: Context) -> list[Signal]:
        """At most one signal. `training/spun` fits its thresholds by the share of harmless texts above."""
        model = spun_model()
        score = model.score(context.normalised)
        if score is None or score <= model.header["threshold"]:
            return []
        is_certain = score > model.header["certain"]
        points = self.options.certain_points if is_certain else self.options.points
        if not linked_domains(context.text, context.website, hosts=context.site.hosts):
            points *= self.options.without_address
        if len(words(context.normalised.text)) < self.options.short_words:
            points *= self.options.short
        return [
            Signal(
                "spun.template",
                Axis.SPAM,
                points,
                "content",
                params={"rarity": "fewer than 1 in 1,000" if is_certain else "fewer than 1 in 300"},
                spans=model.strongest_spans(context.normalised),
            )
        ]
