"""Finds mail addresses of disposable mail providers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from disposable_email_domains import blocklist

from moderation.domain.signals import Axis, Field, Signal, Span
from moderation.engine.facts import Context
from moderation.engine.text.domain_names import DomainSet


@cache
def _providers() -> DomainSet:
    return DomainSet(blocklist)


@dataclass(frozen=True)
class DisposableMail:
    """Signals an address whose domain, or a parent domain, belongs to a disposable mail provider."""

    @dataclass(frozen=True, slots=True)
    class Options:
        points: float = 2.0

    options: Options = Options()

    name = "disposable_mail"
    version = "1"
    axis = Axis.SPAM
    sentences: ClassVar[Mapping[str, str]] = {
        "disposable_mail.provider": "A throw-away mail provider: {domain}",
    }

    def run(self, context: Context) -> list[Signal]:
        """At most one signal, and none for a domain that the site allows."""
        domain, lists = context.email_domain, context.site.lists
        provider = _providers().match(domain) if domain else None
        if provider is None or (lists and lists.allowed_domains.match(domain)):
            return []
        return [
            Signal(
                "disposable_mail.provider",
                Axis.SPAM,
                self.options.points,
                "identity",
                params={"domain": provider},
                spans=(Span(0, len(domain), Field.EMAIL),),
            )
        ]
