"""The author of a comment, per site."""

from django.db import models
from django.db.models.functions import Now

from moderation.lib.uuid7 import uuid7
from moderation.models.site import Site


class Author(models.Model):
    """A commenter on one site, identified by the keyed hash of an address.

    The counters follow the statuses of the author's comments. Only a verified address earns trust.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="authors", db_index=False)
    address_hash = models.BinaryField(max_length=32)
    is_proven = models.BooleanField(default=False)
    published_count = models.PositiveIntegerField(default=0)
    rejected_count = models.PositiveIntegerField(default=0)
    spam_count = models.PositiveIntegerField(default=0)
    first_seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "author"
        constraints = [
            models.UniqueConstraint(fields=["site", "address_hash"], name="author_once_per_site"),
            models.UniqueConstraint(fields=["site", "id"], name="author_site_id"),
        ]

    def __str__(self) -> str:
        return f"author {self.pk}"
