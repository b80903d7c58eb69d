"""Checks what people on this installation decided about comments that link to the same domains."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from moderation.domain.signals import Axis, Param, Signal
from moderation.engine.facts import Context, DomainFacts
from moderation.engine.text.linked_domains import spans_of


@dataclass(frozen=True)
class Reputation:
    """Uses decisions of people only, not of checks. The site's own lists take precedence over it."""

    @dataclass(frozen=True, slots=True)
    class Options:
        most_points: float = 5.0
        min_decisions: int = 3  # the least number of comments with a domain that were marked as spam
        min_authors: int = 2  # the least number of authors of these: a single spammer is no reputation
        trust: float = 0.5  # points if all domains are known to be good
        new_points: float = 0.5
        new_days: float = 1.0  # a domain that was first seen less than so many days ago is new

    options: Options = Options()

    name = "reputation"
    version = "1"
    axis = Axis.SPAM
    sentences: ClassVar[Mapping[str, str]] = {
        "reputation.spam": "People found {count} comment(s) that led to {domain} to be spam",
        "reputation.known_good": "Leads only where comments that people published lead, too",
        "reputation.new_domain": "The first links to {domain} here, from an author without a record",
    }

    def run(self, context: Context) -> list[Signal]:
        """At most one signal: for the domain with the most spam, for only good domains, or for a new one."""
        lists = context.site.lists
        known = {
            domain: facts
            for domain, facts in context.domains.items()
            if lists is None or not lists.blocked_domains.match(domain)
        }
        if not known:
            return []
        spam = self._spam(context, known)
        if spam:
            return spam
        if all(facts.is_known_good for facts in known.values()):
            return [Signal("reputation.known_good", Axis.TRUST, self.options.trust, "reputation")]
        return self._new(context, known)

    def _spam(self, context: Context, known: Mapping[str, DomainFacts]) -> list[Signal]:
        options = self.options
        shares = {
            domain: facts.spam_share
            for domain, facts in known.items()
            if facts.spam_decisions >= options.min_decisions and facts.spam_authors >= options.min_authors
        }
        worst = max(shares, key=lambda domain: shares[domain], default="")
        if not worst or shares[worst] <= 0.5:
            return []
        points = round(options.most_points * (2 * shares[worst] - 1), 2)
        count = known[worst].spam_decisions
        return [_signal("reputation.spam", points, "list", context, worst, count=count)]

    def _new(self, context: Context, known: Mapping[str, DomainFacts]) -> list[Signal]:
        """Signals a domain that was first linked to within `new_days`, for an author without a record."""
        if context.author.has_record:
            return []
        new = [domain for domain, facts in known.items() if facts.is_newer_than(self.options.new_days)]
        if not new:
            return []
        points = self.options.new_points
        return [_signal("reputation.new_domain", points, "link", context, new[0], count=len(new))]


def _signal(code: str, points: float, family: str, context: Context, domain: str, **params: Param) -> Signal:
    return Signal(
        code,
        Axis.SPAM,
        points,
        family,
        params={"domain": domain[:100], **params},
        spans=spans_of(context.text, context.website, domain),
    )
