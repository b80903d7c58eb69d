"""The domains and contacts by which a comment may belong to a campaign."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from moderation.engine.facts import DomainFacts
from moderation.engine.text.contacts import contacts_of
from moderation.engine.text.linked_domains import without_links
from moderation.language.features import fingerprint
from moderation.privacy import vault
from moderation.queries.campaigns import Named

# Of one comment; what leads to more has other checks to answer to.
MOST_DOMAINS = 3
NEW_DAYS = 7.0


def names_of(
    comment_id: UUID, text: str, bands: tuple[int, ...], domains: Mapping[str, DomainFacts]
) -> Iterator[Named]:
    """The domains and contacts of a comment; a domain that people publish is no campaign's.

    What makes texts alike is the words around a link: the link itself is the same for all who share it.
    """
    unproven = [(name, facts) for name, facts in domains.items() if not facts.is_known_good]
    contacts = contacts_of(text)
    if not unproven and not contacts:
        return
    bands = fingerprint(without_links(text)) if unproven else bands
    for name, facts in unproven[:MOST_DOMAINS]:
        yield Named(comment_id, vault.domain_key(name), bands, facts.is_newer_than(NEW_DAYS))
    for contact in contacts:
        yield Named(comment_id, vault.contact_key(contact), bands, is_new=False)
