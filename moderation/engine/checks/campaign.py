"""Many authors, several threads, one address: a campaign over threads and sites."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from moderation.domain.signals import Axis, Signal
from moderation.engine.facts import Cluster, Context


@dataclass(frozen=True)
class Campaign:
    """Like words around one address are a campaign; a new address alone is a hint.

    Silent about authors with a record, who are not counted in others' clusters either.
    """

    @dataclass(frozen=True, slots=True)
    class Options:
        authors: int = 3
        threads: int = 2  # readers of one thread may well share a link
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
        """One signal at most; each author beyond the first three adds a point."""
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
