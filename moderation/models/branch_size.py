"""How much a root is discussed."""

from django.db import models

from moderation.models.comment import Comment
from moderation.models.site import Site
from moderation.models.thread import Thread


class BranchSize(models.Model):
    """The number of published replies under a root that is or was published.

    Kept by the transaction that publishes or removes a comment, under the lock of its thread. A row of its
    own, because the comment's row has a dozen indexes, each of which a changed column would write anew.
    """

    root = models.OneToOneField(
        Comment, primary_key=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    thread = models.ForeignKey(
        Thread, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    replies = models.IntegerField(default=0)

    class Meta:
        db_table = "branch_size"
        indexes = [models.Index(fields=["thread", "-replies", "-root"], name="branch_most_discussed")]

    def __str__(self) -> str:
        return f"{self.replies} replies under {self.root_id}"
