"""Changes to the secret of a site's moderation phase in Coral, with audit events."""

import re
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from moderation.domain.errors import FieldError, InvalidFields
from moderation.flow.record import Actor, Event, record
from moderation.flow.site.resealing import reseal_rows
from moderation.models import CoralPhase, Site
from moderation.privacy import vault
from moderation.queries.coral import forget_secret

LONGEST_SECRET = 300
_SECRET = re.compile(r"[!-~]{16,}")


@transaction.atomic
def change_coral_secret(site_id: UUID, secret: str, *, actor: Actor) -> None:
    """Store the signing secret that Coral shows for its phase, in place of a former one; "" deletes it, and
    then every request is refused. Raises `InvalidFields`.
    """
    if secret and not (len(secret) <= LONGEST_SECRET and _SECRET.fullmatch(secret)):
        raise InvalidFields([FieldError("secret", "invalid", "Paste the signing secret as Coral shows it.")])
    site = Site.objects.select_for_update(no_key=True).get(id=site_id)
    phase = CoralPhase.objects.filter(site=site).first() or CoralPhase(site=site)
    phase.sealed_secret = vault.seal_secret(secret, site_id=site.id, row_id=phase.id) if secret else ""
    phase.changed_at = Now()
    phase.save()
    what = "set" if secret else "deleted"
    record(Event("coral.changed", "coral_phase", phase.id, {"secret": what}), site_id=site.id, actor=actor)
    transaction.on_commit(lambda: forget_secret(site_id))


def sealed_coral_secrets() -> QuerySet[CoralPhase]:
    """All rows that hold a secret."""
    return CoralPhase.objects.exclude(sealed_secret="")


def reseal_coral_secrets() -> tuple[UUID, ...]:
    """Seal all secrets under the newest key; return the ids of the rows whose secret did not open."""
    return reseal_rows(sealed_coral_secrets(), "sealed_secret")
