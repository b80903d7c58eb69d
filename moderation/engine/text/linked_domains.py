"""The domains that a comment leads to, as they are registered: one name for all hosts of one owner."""

from collections.abc import Sequence

from moderation.domain.signals import Field, Span
from moderation.engine.text.domain_names import DomainSet, clean_domain, registrable_domain
from moderation.engine.text.links import find_links, host_of, only_foreign

# More are no comment but a list; what counts them (`links`) says so.
MOST_DOMAINS = 10


def domain_of(host: str) -> str:
    """What `host` is registered under; itself where that is not known, as for addresses."""
    return registrable_domain(host) or clean_domain(host)


def linked_domains(
    text: str, website: str, *, hosts: Sequence[str] = (), allowed: DomainSet | None = None
) -> tuple[str, ...]:
    """The domains behind the links of `text`, then behind `website`, each once, `MOST_DOMAINS` at most.

    What leads to the site's own `hosts` or to a domain that it allows is left out.
    """
    found = [link.host for link in only_foreign(find_links(text), tuple(hosts), allowed)]
    own = host_of(website)
    if own and not DomainSet(hosts).match(own) and not (allowed and allowed.match(own)):
        found.append(own)
    return tuple(dict.fromkeys(domain_of(host) for host in found))[:MOST_DOMAINS]


def spans_of(text: str, website: str, domain: str) -> tuple[Span, ...]:
    """Where `text` leads to `domain`, or else the whole website."""
    links = [link for link in find_links(text) if domain_of(link.host) == domain]
    if links:
        return tuple(Span(link.start, link.end) for link in links[:20])
    return (Span(0, len(website), Field.WEBSITE),)


def without_links(text: str) -> str:
    """`text` with a blank in place of each link."""
    pieces, end = [], 0
    for link in find_links(text):
        pieces.append(text[end : link.start])
        end = link.end
    return " ".join([*pieces, text[end:]])
