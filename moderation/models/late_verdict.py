"""Verdicts that a site's server wants to hear of after it was answered."""

from django.db import models
from django.db.models.functions import Now

from moderation.models.comment import Comment
from moderation.models.key import SiteKey
from moderation.models.site import Site


class Told(models.TextChoices):
    """What the site's server was told last, in Akismet's words."""

    SPAM = "true", "spam"
    HAM = "false", "ham"
    PENDING = "pending", "ham for now: a person or a worker has to look"


class LateVerdict(models.Model):
    """A comment whose site has to be told when its verdict differs from what it was told.

    `details` are values of the request that the callback repeats; never an address. `error` names the failure
    for which telling was given up.
    """

    comment = models.OneToOneField(
        Comment, primary_key=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    key = models.ForeignKey(
        SiteKey, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    url = models.CharField(max_length=2000)
    told = models.CharField(max_length=7, choices=Told.choices)
    details = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    error = models.CharField(max_length=20, blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "late_verdict"

    def __str__(self) -> str:
        return f"late verdict on {self.comment_id}"
