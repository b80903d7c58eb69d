"""Changes the index key: authors, domains and Akismet keys move from their former hashes to those under
EMAIL_INDEX_KEY.

The service goes on meanwhile: look-ups try the former keys, too, as long as they stand in
EMAIL_INDEX_KEY_FALLBACKS. The change may be interrupted at any moment and run again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from moderation.engine.text.linked_domains import linked_domains
from moderation.flow.comments.reputation import label_domains, move_records
from moderation.flow.record import SYSTEM, Event, record
from moderation.flow.site.akismet_keys import rename_akismet_keys
from moderation.lib.clock import now
from moderation.models import Author, Comment, Contact, DomainLabel, Revision
from moderation.privacy import vault
from moderation.privacy.retention import days_kept
from moderation.privacy.vault import VaultError

_FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Rehashed:
    """The progress. `twice` counts authors who are stored under both hashes already and stay so; `unknown`
    counts those stored under none of the keys, or whose address does not open, and Akismet keys that do not
    open.
    """

    authors: int = 0
    twice: int = 0
    unknown: int = 0
    domains: int = 0


def change_index_key(*, step: int) -> Iterator[Rehashed]:
    """Move everything that can be moved; yields the progress after each step. Does nothing without former
    keys.

    An author is found by any of their sealed addresses; an author without one keeps the former hash. Records
    one audit event at the end.
    """
    if not vault.has_former_index_keys():
        return
    done, last = Rehashed(unknown=len(rename_akismet_keys())), _FIRST
    while contacts := _contacts_after(last, step):
        last = contacts[-1].pk
        for contact in contacts:
            done = _rehash_author(contact, done)
        yield done
    for moved in _move_domains(step):
        done = replace(done, domains=done.domains + moved)
        yield done
    _relabel_domains(step)
    data = {"authors": done.authors, "twice": done.twice, "unknown": done.unknown}
    with transaction.atomic():
        record(Event("email_index_key.changed", "vault", "", data), site_id=None, actor=SYSTEM)


def _contacts_after(last: UUID, step: int) -> list[Contact]:
    sealed = Contact.objects.exclude(sealed="").filter(pk__gt=last)
    return list(sealed.select_related("comment__author").order_by("pk")[:step])


def _rehash_author(contact: Contact, done: Rehashed) -> Rehashed:
    """Change one author in a statement of its own: one over many would lock them in another order."""
    site_id, author = contact.site_id, contact.comment.author
    try:
        address = vault.unseal(contact.sealed, site_id=site_id, comment_id=contact.comment_id)
    except VaultError:
        return replace(done, unknown=done.unknown + 1)
    hashed, *former = vault.address_hashes(address, site_id=site_id)
    stored = bytes(author.address_hash)
    if stored == hashed:
        return done
    if stored not in former:
        return replace(done, unknown=done.unknown + 1)
    try:
        with transaction.atomic():
            same = Author.objects.filter(pk=author.pk, site_id=site_id, address_hash=stored)
            moved = same.update(address_hash=hashed)
    except IntegrityError:
        return replace(done, twice=done.twice + 1)
    return replace(done, authors=done.authors + moved)


def _move_domains(step: int) -> Iterator[int]:
    """Rename the records of the domains that recent comments link to."""
    since = now() - timedelta(days=days_kept()["domain"])
    last = _FIRST
    young = Revision.objects.filter(comment__created_at__gte=since).order_by("pk")
    while rows := list(young.filter(pk__gt=last).values_list("pk", "body", "comment__website")[:step]):
        last = rows[-1][0]
        names = sorted({domain for _, body, website in rows for domain in linked_domains(body, website)})
        yield move_records(names)


def _relabel_domains(step: int) -> None:
    """Domain labels are derived from decisions alone, so they are simply derived again under the new key."""
    last = _FIRST
    labelled = DomainLabel.objects.order_by("comment_id").values_list("comment_id", flat=True).distinct()
    while ids := list(labelled.filter(comment_id__gt=last)[:step]):
        last = ids[-1]
        with transaction.atomic():
            locked = Comment.objects.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",))
            label_domains(list(locked.values_list("pk", flat=True)))
