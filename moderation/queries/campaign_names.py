"""The domains and contacts by which a comment may belong to a campaign."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from moderation.domain.status import Status
from moderation.engine.facts import DomainFacts
from moderation.engine.text.contacts import contacts_of
from moderation.engine.text.linked_domains import without_links
from moderation.language.features import fingerprint
from moderation.privacy import vault
from moderation.queries.campaigns import Named
from moderation.queries.due_comments import DueComment

# The limit for one comment; other checks deal with comments that link to more domains.
MOST_DOMAINS = 3
NEW_DAYS = 7.0


def names_of(
    comment: DueComment, bands: tuple[int, ...], domains: Mapping[str, DomainFacts]
) -> Iterator[Named]:
    """The domains and contacts that a comment names, without domains that people publish.

    Texts are compared without their links: all comments of a campaign share the link itself.
    """
    unproven = [(name, facts) for name, facts in domains.items() if not facts.is_known_good]
    contacts = contacts_of(comment.body)
    if not unproven and not contacts:
        return
    bands = fingerprint(without_links(comment.body)) if unproven else bands
    for name, facts in unproven[:MOST_DOMAINS]:
        yield _named(comment, vault.domain_key(name), bands, is_new=facts.is_newer_than(NEW_DAYS))
    for contact in contacts:
        yield _named(comment, vault.contact_key(contact), bands, is_new=False)


def _named(comment: DueComment, key: UUID, bands: tuple[int, ...], *, is_new: bool) -> Named:
    return Named(
        comment.id,
        key,
        bands,
        is_new,
        site_id=comment.site_id,
        thread_id=comment.thread_id,
        author_id=comment.author_id,
        has_record=comment.author.has_record,
        is_first=_is_first(comment),
    )


def _is_first(comment: DueComment) -> bool:
    """Whether the comment is screened for the first time and was not imported: an import brings a year of
    comments in a minute.
    """
    return comment.status == Status.SCREENING and comment.form.source != "import"
