"""The registrable domains that a comment links to: one name for all hosts of one owner."""

from collections.abc import Sequence

from moderation.domain.signals import Field, Span
from moderation.engine.text.domain_names import DomainSet, clean_domain, registrable_domain
from moderation.engine.text.links import find_links, host_of, only_foreign

# A comment with links to more domains is a mere list of links, which the `links` check signals by its count.
MOST_DOMAINS = 10


def domain_of(host: str) -> str:
    """The registrable domain of `host`, or `host` itself if it has none, as an IP address."""
    return registrable_domain(host) or clean_domain(host)


def linked_domains(
    text: str, website: str, *, hosts: Sequence[str] = (), allowed: DomainSet | None = None
) -> tuple[str, ...]:
    """The domains of the links in `text`, then that of `website`: each once, at most `MOST_DOMAINS`.

    Links to the site's own `hosts` and to domains that it allows are left out.
    """
    found = [link.host for link in only_foreign(find_links(text), tuple(hosts), allowed)]
    own = host_of(website)
    if own and not DomainSet(hosts).match(own) and not (allowed and allowed.match(own)):
        found.append(own)
    return tuple(dict.fromkeys(domain_of(host) for host in found))[:MOST_DOMAINS]


def spans_of(text: str, website: str, domain: str) -> tuple[Span, ...]:
    """The spans of the first 20 links in `text` to `domain`, or the whole website field if there are none."""
    links = [link for link in find_links(text) if domain_of(link.host) == domain]
    if links:
        return tuple(Span(link.start, link.end) for link in links[:20])
    return (Span(0, len(website), Field.WEBSITE),)


def without_links(text: str) -> str:
    """`text` with each link replaced by a space."""
    pieces, end = [], 0
    for link in find_links(text):
        pieces.append(text[end : link.start])
        end = link.end
    return " ".join([*pieces, text[end:]])
