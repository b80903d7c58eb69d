"""The encrypted address of a comment. Neither pages nor API read this table."""

from django.db import models
from django.db.models.functions import Now

from moderation.models.comment import Comment
from moderation.models.site import Site


class Contact(models.Model):
    """An address, encrypted for its comment. Authors are found by `Author.address_hash` only."""

    comment = models.OneToOneField(
        Comment,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="sealed_contact",
        db_constraint=False,
    )
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    sealed = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "contact"

    def __str__(self) -> str:
        return f"contact of {self.pk}"
