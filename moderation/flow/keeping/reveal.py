"""Reveal: the only way from a comment to its author's address, with an audit event before it is shown."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from moderation.domain.errors import ActionNotPossible, FieldError, InvalidFields, NotAllowed, NotFound
from moderation.flow.record import Actor, Event, record
from moderation.models import Comment, Contact, Role
from moderation.models.role import RoleName
from moderation.privacy.redact import redact
from moderation.privacy.vault import VaultError, unseal

MOST_REASON = 300
_MAY_REVEAL = (RoleName.EDITOR.value, RoleName.OWNER.value)
_GONE = "The address is no longer stored, or none was given."
_UNREADABLE = "The address cannot be opened: the key that sealed it is not among this service's keys."


@transaction.atomic
def reveal_contact(comment_id: UUID, *, site_id: UUID, reason: str, actor: Actor) -> str:
    """Return the address of a comment's author, and write an audit event in the same transaction.

    Raises `NotFound` for another site's comment, `NotAllowed` unless the actor is an editor or owner of the
    site, `InvalidFields` without a reason, `ActionNotPossible` where there is nothing to open.
    """
    if not Comment.objects.filter(id=comment_id, site_id=site_id).exists():
        raise NotFound
    reason = _clean_reason(reason)
    if not _may_reveal(actor, site_id):
        raise NotAllowed
    contact = Contact.objects.filter(comment_id=comment_id, site_id=site_id).first()
    if contact is None:
        raise ActionNotPossible(_GONE)
    event = Event("contact.revealed", "comment", comment_id, {"reason": reason})
    record(event, site_id=site_id, actor=actor)
    try:
        return unseal(contact.sealed, site_id=site_id, comment_id=comment_id)
    except VaultError:
        raise ActionNotPossible(_UNREADABLE) from None


def _may_reveal(actor: Actor, site_id: UUID) -> bool:
    """Asks the database, so that no caller can open an address for anybody else."""
    if actor.user_id is None:
        return False
    person = User.objects.filter(id=actor.user_id, is_active=True)
    if person.filter(is_superuser=True).exists():
        return True
    roles = Role.objects.filter(user_id=actor.user_id, site_id=site_id, name__in=_MAY_REVEAL)
    return roles.filter(user__is_active=True).exists()


def _clean_reason(reason: str) -> str:
    """A reason on one line without an address, because audit events are kept for longer than addresses."""
    reason = " ".join(reason.split())
    if not reason or len(reason) > MOST_REASON or redact(reason) != reason or "\x00" in reason:
        message = f"Say in at most {MOST_REASON} characters what you need it for, without any address."
        raise InvalidFields([FieldError("reason", "required", message)])
    return reason
