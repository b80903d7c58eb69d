"""Finds domains that the site blocks or that are known from spam."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from moderation.domain.signals import Axis, Field, Signal, Span
from moderation.engine.facts import Context
from moderation.engine.text.links import find_links, host_of
from moderation.engine.text.shipped_lists import spam_domains


@dataclass(frozen=True)
class Domains:
    """Compares the hosts in the body and the website field with the domains that the site blocks and with the
    shipped spam domains, and the mail domain only with those that the site blocks.
    """

    @dataclass(frozen=True, slots=True)
    class Options:
        blocked_points: float = 5.0
        listed_points: float = 5.0

    options: Options = Options()

    name = "domains"
    version = "1"
    axis = Axis.SPAM
    sentences: ClassVar[Mapping[str, str]] = {
        "domains.blocked": "A domain that this site blocks: {domain}",
        "domains.listed": "A domain known from spam: {domain}",
    }

    def run(self, context: Context) -> list[Signal]:
        """At most one signal for each code and field; the site's lists take precedence over shipped ones."""
        lists = context.site.lists
        signals: dict[tuple[str, Field], Signal] = {}
        for host, span in _hosts(context):
            if lists and lists.allowed_domains.match(host):
                continue
            blocked = lists.blocked_domains.match(host) if lists else None
            if blocked:
                signal = self._signal("domains.blocked", self.options.blocked_points, blocked, span)
            elif span.field != Field.EMAIL and (listed := spam_domains().match(host)):
                signal = self._signal("domains.listed", self.options.listed_points, listed, span)
            else:
                continue
            signals.setdefault((signal.code, span.field), signal)
        return list(signals.values())

    def _signal(self, code: str, points: float, domain: str, span: Span) -> Signal:
        return Signal(code, Axis.SPAM, points, "list", params={"domain": domain}, spans=(span,))


def _hosts(context: Context) -> Iterator[tuple[str, Span]]:
    for link in find_links(context.text):
        yield link.host, Span(link.start, link.end)
    website = host_of(context.website)
    if website:
        yield website, Span(0, len(context.website), Field.WEBSITE)
    if context.email_domain:
        yield context.email_domain, Span(0, len(context.email_domain), Field.EMAIL)
