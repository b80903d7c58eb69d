"""The secret with which a site's Coral signs its requests."""

from django.db import models
from django.db.models.functions import Now

from moderation.lib.uuid7 import uuid7
from moderation.models.site import Site


class CoralPhase(models.Model):
    """Coral's external moderation phase of a site. Only the vault can decrypt the secret, for this row."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    site = models.OneToOneField(Site, on_delete=models.CASCADE, related_name="+")
    sealed_secret = models.TextField(blank=True, default="")
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "coral_phase"

    def __str__(self) -> str:
        return "Coral's moderation phase"
