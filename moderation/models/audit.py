"""The append-only record of everything that was changed or revealed, and the chain that seals it.

The database refuses to change or remove a row of any of these tables (`audit_refuse_change`), and none has a
foreign key: a record outlives the people and sites that it names. Why, and what the chain proves:
`docs/adr/0009-audit-is-sealed-afterwards.md`.
"""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from moderation.models.site import Site


class AuditEvent(models.Model):
    """One entry, written in the transaction of what it records. `data` contains no text and no address."""

    id = models.BigAutoField(primary_key=True)
    site = models.ForeignKey(
        Site, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.CharField(max_length=40)
    actor_kind = models.CharField(max_length=10)
    actor_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
        db_index=False,
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


class AuditLink(models.Model):
    """A sealed event's place: its number at its site, without gaps, and the digest of both.

    `site_id` is the zero UUID for events of no site.
    """

    event_id = models.BigIntegerField(primary_key=True)
    site_id = models.UUIDField()
    number = models.BigIntegerField()
    digest = models.BinaryField(max_length=32)

    class Meta:
        db_table = "audit_link"
        constraints = [models.UniqueConstraint(fields=["site_id", "number"], name="audit_link_number_once")]

    def __str__(self) -> str:
        return f"event {self.event_id}"


class AuditSeal(models.Model):
    """One link of the chain: all events with ids `from_id` to `to_id`, and the hash of the seal before."""

    number = models.BigIntegerField(primary_key=True)
    from_id = models.BigIntegerField()
    to_id = models.BigIntegerField(unique=True)
    count = models.IntegerField()
    previous_hash = models.BinaryField(max_length=32, unique=True)
    hash = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()

    class Meta:
        db_table = "audit_seal"

    def __str__(self) -> str:
        return f"seal {self.number}"
