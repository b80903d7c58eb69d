"""A comment waiting for review."""

from django.db import models
from django.db.models.functions import Now

from moderation.models.comment import Comment
from moderation.models.site import Site


class ReviewItem(models.Model):
    """An entry in a queue. `priority_at` is the time of creation minus a bonus for severity, so that ageing
    costs no updates and the queue is one keyset index.
    """

    id = models.BigAutoField(primary_key=True)
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="review_items", db_constraint=False, db_index=False
    )
    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, related_name="review_items", db_constraint=False
    )
    queue = models.CharField(max_length=20, default="held")
    priority_at = models.DateTimeField()
    opened_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "review_item"
        constraints = [
            models.UniqueConstraint(
                fields=["comment"], condition=models.Q(closed_at__isnull=True), name="review_item_open_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["site", "queue", "priority_at", "id"],
                condition=models.Q(closed_at__isnull=True),
                name="review_item_queue",
            ),
            models.Index(
                fields=["site", "opened_at"],
                condition=models.Q(closed_at__isnull=True),
                name="review_item_opened",
            ),
        ]

    def __str__(self) -> str:
        return f"review item {self.pk}"
