"""Texts made from templates of blog spam: praise and wishes that fit any page, with words exchanged."""

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
    """A doubt at most: readers praise too. Without an address to advertise it is half of one."""

    @dataclass(frozen=True, slots=True)
    class Options:
        points: float = 2.0
        certain_points: float = 3.0
        without_address: float = 0.5  # share of the points
        short_words: int = 20  # a text of fewer may be anybody's thanks:
        short: float = 0.5  # its share of the points

    options: Options = Options()

    name = "spun"
    version = "1"
    axis = Axis.SPAM
    sentences: ClassVar[Mapping[str, str]] = {
        "spun.template": "Words of a template that fits any page ({rarity} harmless comments have so many)",
    }

    def run(self, context: Context) -> list[Signal]:
        """One signal, by how few harmless texts are as much like templates (`training/spun`)."""
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
                spans=model.tell(context.normalised),
            )
        ]
