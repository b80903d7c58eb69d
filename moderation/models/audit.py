"""The append-only record of anything that changed or was revealed."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from moderation.models.site import Site


class AuditEvent(models.Model):
    """One entry. Written in the transaction of what it records; `data` holds no text and no address."""

    id = models.BigAutoField(primary_key=True)
    site = models.ForeignKey(Site, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.CharField(max_length=40)
    actor_kind = models.CharField(max_length=10)
    actor_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor_key_id = models.UUIDField(null=True)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "audit_event"
        indexes = [
            models.Index(fields=["site", "-id"], name="audit_by_site"),
            models.Index(fields=["subject_id", "-id"], name="audit_by_subject"),
        ]

    def __str__(self) -> str:
        return self.kind
