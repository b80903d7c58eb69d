"""Rotate: seals all sealed values again under the newest key, in small steps that can be repeated."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, QuerySet, Value
from django.db.models.functions import StrIndex, Substr

from moderation.flow.record import SYSTEM, Event, record
from moderation.flow.site.akismet_keys import reseal_akismet_keys, sealed_akismet_keys
from moderation.flow.site.coral import reseal_coral_secrets, sealed_coral_secrets
from moderation.flow.site.resealing import reseal_rows
from moderation.flow.site.second_factors import check_newest_seed, reseal_seeds, sealed_seeds
from moderation.lib.failpoints import failpoint
from moderation.models import Contact, RemoteService
from moderation.privacy import vault
from moderation.privacy.vault import VaultError

STEP = 500


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress: addresses sealed again, and the comments (or other rows) whose value did not open."""

    renewed: int = 0
    unreadable: tuple[UUID | str, ...] = ()


def rotate_email_keys(*, step: int = STEP) -> Iterator[Progress]:
    """Seal all addresses, all keys and secrets of services, and the seeds of second factors under the newest
    key; yields the progress after each step.

    Each step is one transaction that locks its rows, so it may be interrupted at any moment and run again,
    beside a running service. Each value is opened again before it is written. A value that does not open
    stays as it is and is named. Records one audit event at the end.
    """
    done, last = Progress(), UUID(int=0)
    while rows := _rotate_step(last, step):
        last = rows[-1].comment_id
        done = Progress(
            renewed=done.renewed + sum(row.is_renewed for row in rows),
            unreadable=done.unreadable + tuple(row.comment_id for row in rows if not row.is_renewed),
        )
        yield done
    closed: tuple[UUID | str, ...] = (
        *reseal_service_keys(),
        *reseal_akismet_keys(),
        *reseal_coral_secrets(),
        *reseal_seeds(),
    )
    if closed:
        done = Progress(done.renewed, done.unreadable + closed)
        yield done
    _record_rotation(done)


def count_by_key() -> dict[str, int]:
    """How many addresses, keys and secrets of services, and seeds each key has sealed; a key that has sealed
    none may be removed.
    """
    found = Counter(_count(_sealed(), "sealed"))
    found.update(_count(_sealed_services(), "sealed_key"))
    found.update(_count(sealed_akismet_keys(), "sealed"))
    found.update(_count(sealed_coral_secrets(), "sealed_secret"))
    found.update(_count(sealed_seeds(), "sealed"))
    return dict(found)


def _count(rows: QuerySet[Any], column: str) -> dict[str, int]:
    after_version = Substr(column, len("v1:") + 1)
    key_id = Substr(after_version, 1, StrIndex(after_version, Value(":")) - 1)
    counted = rows.annotate(key_id=key_id).values("key_id").annotate(count=Count("pk"))
    return dict(counted.values_list("key_id", "count"))


def sample_by_key() -> dict[str, Contact]:
    """For each key that has sealed an address, one such address with its author."""
    samples = {}
    for key_id in count_by_key():
        sealed = _sealed().filter(sealed__startswith=f"v1:{key_id}:")
        contact = sealed.select_related("comment__author").first()
        if contact is not None:
            samples[key_id] = contact
    return samples


def open_all_addresses(*, step: int = STEP) -> Iterator[tuple[int, list[UUID]]]:
    """Open every stored address; nothing is changed or shown.

    Yields for each step how many addresses it opened, and the comments whose address did not open.
    """
    last = UUID(int=0)
    while contacts := list(_sealed().filter(pk__gt=last).order_by("pk")[:step]):
        last = contacts[-1].pk
        closed = [contact.comment_id for contact in contacts if not _opens(contact)]
        yield len(contacts) - len(closed), closed


def check_stored_addresses() -> None:
    """Open the oldest and the newest stored address and find their authors by it; open the newest seed.

    Called when the service starts: raises VaultError if one of the keys is not the one that filled this
    database.
    """
    vault.check_keys()
    stored = _sealed().select_related("comment__author")
    for contact in (stored.order_by("pk").first(), stored.order_by("-pk").first()):
        if contact is not None:
            _check_contact(contact)
    check_newest_seed()


def check_sealed_address(sealed: str, *, site_id: UUID, comment_id: UUID, address_hash: bytes) -> None:
    """Raise VaultError unless the present keys open this value and find its author by it."""
    address = vault.unseal(sealed, site_id=site_id, comment_id=comment_id)
    if address_hash not in vault.address_hashes(address, site_id=site_id):
        raise VaultError("EMAIL_INDEX_KEY is not the one that this database was filled with.")


def _check_contact(contact: Contact) -> None:
    check_sealed_address(
        contact.sealed,
        site_id=contact.site_id,
        comment_id=contact.comment_id,
        address_hash=bytes(contact.comment.author.address_hash),
    )


def _opens(contact: Contact) -> bool:
    try:
        vault.unseal(contact.sealed, site_id=contact.site_id, comment_id=contact.comment_id)
    except VaultError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Row:
    comment_id: UUID
    is_renewed: bool


@transaction.atomic
def _rotate_step(after: UUID, step: int) -> list[_Row]:
    former = _sealed().exclude(sealed__startswith=f"v1:{vault.newest_key_id()}:")
    contacts = list(former.filter(pk__gt=after).order_by("pk").select_for_update(of=("self",))[:step])
    rows = [_Row(contact.comment_id, _renew(contact)) for contact in contacts]
    Contact.objects.bulk_update(contacts, ["sealed"])
    failpoint("rotate.before_commit")
    return rows


def _renew(contact: Contact) -> bool:
    try:
        contact.sealed = vault.reseal(contact.sealed, site_id=contact.site_id, comment_id=contact.comment_id)
    except VaultError:
        return False
    return True


def reseal_service_keys() -> tuple[UUID, ...]:
    """Seal the keys of outside services (there are few) under the newest key; return the ids of the services
    whose key did not open.
    """
    return reseal_rows(_sealed_services(), "sealed_key")


def _record_rotation(done: Progress) -> None:
    data = {"renewed": done.renewed, "unreadable": len(done.unreadable), "key": vault.newest_key_id()}
    with transaction.atomic():
        record(Event("email_keys.rotated", "vault", vault.newest_key_id(), data), site_id=None, actor=SYSTEM)


def _sealed_services() -> QuerySet[RemoteService]:
    return RemoteService.objects.exclude(sealed_key="")


def _sealed() -> QuerySet[Contact]:
    return Contact.objects.exclude(sealed="")
