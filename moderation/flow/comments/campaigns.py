"""Campaigns: what comments name is written down as they come, so that a crowd is seen as it gathers."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.db import transaction

from moderation.domain.status import Status
from moderation.engine.text.contacts import contacts_of
from moderation.engine.text.linked_domains import without_links
from moderation.flow import jobs
from moderation.language.features import fingerprint
from moderation.models import CampaignKey
from moderation.models.rows import insert_rows
from moderation.privacy import vault
from moderation.queries.campaigns import Named, count_crowds, published_members
from moderation.queries.contexts import ToScreen

# Of one comment; what leads to more has other checks to answer to.
MOST_DOMAINS = 3
NEW_DAYS = 7.0


def gather_crowds(subjects: Sequence[ToScreen]) -> list[ToScreen]:
    """Write down what `subjects` name, and tell each how many others named the same within a day.

    Written at once and before anything is counted: comments that are screened at the same moment, here or by
    another worker, see one another. A second run writes nothing new. Two statements, none where nothing is
    named.
    """
    named = [each for subject in subjects for each in names_of(subject)]
    if not named:
        return list(subjects)
    by_id = {subject.comment.id: subject for subject in subjects}
    new = [each for each in named if _is_new(by_id[each.comment_id])]
    insert_rows(CampaignKey, [_row(by_id[each.comment_id], each) for each in new], ignore_conflicts=True)
    facts = count_crowds(named)
    return [
        replace(subject, context=replace(subject.context, campaign=facts[subject.comment.id]))
        if subject.comment.id in facts
        else subject
        for subject in subjects
    ]


def reopen_members(subjects: Sequence[ToScreen]) -> None:
    """Have the published comments of the campaigns that new comments belong to screened again.

    Only a first screening asks, so that campaigns do not call each other for ever; what a person decided is
    left alone, and each comment is judged by its own site's policy. May be repeated without harm.
    """
    named = [each for subject in subjects for each in names_of(subject)]
    if not named:
        return
    members = published_members(named)
    if members:
        with transaction.atomic():
            jobs.enqueue(jobs.SCREEN, members)


def names_of(subject: ToScreen) -> Iterator[Named]:
    """The domains and contacts of a comment; a domain that people publish is no campaign's.

    What makes texts alike is the words around a link: the link itself is the same for all who share it.
    """
    context = subject.context
    domains = [(name, facts) for name, facts in context.domains.items() if not facts.is_known_good]
    contacts = contacts_of(context.text)
    if not domains and not contacts:
        return
    bands = fingerprint(without_links(context.text)) if domains else subject.bands
    for name, facts in domains[:MOST_DOMAINS]:
        is_new = facts.is_newer_than(NEW_DAYS)
        yield Named(subject.comment.id, vault.domain_key(name), bands, is_new)
    for contact in contacts:
        yield Named(subject.comment.id, vault.contact_key(contact), bands, is_new=False)


def _is_new(subject: ToScreen) -> bool:
    """Not screened before, and not brought over from elsewhere: a year of comments comes in a minute then."""
    return subject.comment.status == Status.SCREENING and subject.comment.form.source != "import"


def _row(subject: ToScreen, named: Named) -> dict[str, object]:
    comment = subject.comment
    return {
        "site_id": comment.site_id,
        "thread_id": comment.thread_id,
        "author_id": comment.author_id,
        "comment_id": comment.id,
        "key": named.key,
        "bands": named.bands,
        "has_record": comment.author.has_record,
    }
