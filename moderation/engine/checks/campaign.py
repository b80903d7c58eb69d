"""Finds campaigns: several authors who post the same domain or contact in several threads within a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from moderation.domain.signals import Axis, Signal
from moderation.engine.facts import Cluster, Context


@dataclass(frozen=True)
class Campaign:
    """Gives many points for similar texts with the same domain or contact, and few for a shared new domain.

    Returns no signal for authors with a record; they are not counted in clusters either.
    """

    @dataclass(frozen=True, slots=True)
    class Options:
        authors: int = 3
        threads: int = 2  # several readers of a single thread may post the same link without a campaign
        points: float = 3.0
        most_points: float = 6.0
        link_authors: int = 4
        link_points: float = 1.5

    options: Options = Options()

    name = "campaign"
    version = "1"
    axis = Axis.SPAM
    sentences: ClassVar[Mapping[str, str]] = {
        "campaign.cluster": "{authors} authors, {threads} threads, one day: the same address in like words",
        "campaign.link": "{authors} authors, {threads} threads, one day: the same new domain",
    }

    def run(self, context: Context) -> list[Signal]:
        """At most one signal. Each author of a cluster beyond `authors` adds a point, up to `most_points`."""
        options, alike, linked = self.options, context.campaign.alike, context.campaign.linked
        if context.author.has_record:
            return []
        if alike.authors >= options.authors and alike.threads >= options.threads:
            points = min(options.points + alike.authors - options.authors, options.most_points)
            return [_signal("campaign.cluster", points, alike)]
        if linked.authors >= options.link_authors and linked.threads >= options.threads:
            return [_signal("campaign.link", options.link_points, linked)]
        return []


def _signal(code: str, points: float, cluster: Cluster) -> Signal:
    params = {"authors": cluster.authors, "threads": cluster.threads, "sites": cluster.sites}
    return Signal(code, Axis.SPAM, points, "campaign", params=params)
