"""The page being commented on."""

from django.db import models
from django.db.models.functions import Now

from moderation.lib.uuid7 import uuid7
from moderation.models.site import Site


class Thread(models.Model):
    """One page's comments. `version` rises with every visible change; `changed_at` says when.

    If `is_open` is None, the site's setting applies.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="threads", db_index=False)
    key = models.CharField(max_length=500)
    url = models.CharField(max_length=2000, blank=True)
    title = models.CharField(max_length=300, blank=True)
    is_open = models.BooleanField(null=True, blank=True)
    published_count = models.PositiveIntegerField(default=0, editable=False)
    version = models.PositiveBigIntegerField(default=1, editable=False)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "thread"
        constraints = [
            models.UniqueConstraint(fields=["site", "key"], name="thread_key_once_per_site"),
            models.UniqueConstraint(fields=["site", "id"], name="thread_site_id"),
        ]
        indexes = [
            models.Index(fields=["changed_at"], name="thread_changed"),
            models.Index(fields=["site", "-published_count"], name="thread_most_discussed"),
        ]

    def __str__(self) -> str:
        return self.title or self.key
