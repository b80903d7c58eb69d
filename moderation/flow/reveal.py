"""Reveal: the one way from a comment to its author's address, on record before it is shown."""

from uuid import UUID

from django.db import transaction

from moderation.domain.errors import FieldError, InvalidFields, NotFound
from moderation.flow.record import Actor, Event, record
from moderation.models import Contact
from moderation.privacy.vault import unseal

MOST_REASON = 300


@transaction.atomic
def reveal_contact(comment_id: UUID, *, site_id: UUID, reason: str, actor: Actor) -> str:
    """The address of a comment's author. Who may ask is the caller's to check.

    Raises `NotFound` for another site's comment or one whose address is gone, `InvalidFields`
    without a reason. The reason is kept with the event: it must say nothing about the reader.
    """
    reason = " ".join(reason.split())
    if not reason or len(reason) > MOST_REASON or "@" in reason:
        message = f"Say in at most {MOST_REASON} characters why you need it, without any address."
        raise InvalidFields([FieldError("reason", "required", message)])
    contact = Contact.objects.filter(comment_id=comment_id, site_id=site_id).first()
    if contact is None:
        raise NotFound("There is no address for this comment, or no longer.")
    address = unseal(contact.sealed, site_id=site_id, comment_id=comment_id)
    event = Event("contact.revealed", "comment", comment_id, {"reason": reason})
    record(event, site_id=site_id, actor=actor)
    return address
