"""The response to a submission's idempotency key, so that a repeated request gets the same one."""

from django.db import models
from django.db.models.functions import Now

from moderation.models.comment import Comment
from moderation.models.site import Site


class IdempotencyKey(models.Model):
    """One key of one site. `request_hash` tells a repetition from a second use. Both are keyed hashes."""

    id = models.BigAutoField(primary_key=True)
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    key = models.CharField(max_length=255)
    request_hash = models.BinaryField(max_length=32)
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "idempotency_key"
        constraints = [models.UniqueConstraint(fields=["site", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return f"idempotency key {self.pk}"
