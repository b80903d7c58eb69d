"""Outgoing notifications."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from moderation.lib.uuid7 import uuid7
from moderation.models.site import Site


class DeliveryState(models.TextChoices):
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


class Delivery(models.Model):
    """One mail to one moderator, with its attempts. The address is read when the mail is sent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    data = models.JSONField(default=dict)
    state = models.CharField(max_length=7, choices=DeliveryState.choices, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "delivery"
        indexes = [models.Index(fields=["site", "-id"], name="delivery_by_site")]

    def __str__(self) -> str:
        return f"{self.kind} mail {self.pk}"
