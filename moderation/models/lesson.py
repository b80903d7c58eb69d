"""What a site has learned: one row for each decision that teaches, and the filter made of them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from moderation.models.comment import Comment, Revision
from moderation.models.site import Site


class Lesson(models.Model):
    """What a person's standing decision on a comment teaches, as it was when it was learned.

    `answers` has 1 (against the comment) or 0 (for it) by axis; `before` what shared model and filter
    said beforehand, by axis. `features` are hashes: no text, no address. `shift` names moderator and
    hour. A row goes when its decision is undone, replaced, forgotten, or its comment deleted.
    """

    decision_id = models.UUIDField(primary_key=True)
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    comment = models.OneToOneField(Comment, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    answers = models.JSONField()
    before = models.JSONField()
    features = models.BinaryField()
    bands = ArrayField(models.BigIntegerField(), default=list)
    shift = models.CharField(max_length=80)
    stands_for = models.FloatField(default=1.0)
    read_by = models.CharField(max_length=80, help_text="Which features and which shared model.")
    taught_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "lesson"
        indexes = [models.Index(fields=["site", "decision_id"], name="lesson_by_site")]

    def __str__(self) -> str:
        return f"lesson of {self.decision_id}"


class SiteFilter(models.Model):
    """What a site's lessons add to the shared model; made anew from them at each change.

    `version` rises with everything that changes what workers have to load. `axes` holds, by axis,
    how it is blended, on how many lessons it stands and how it does beside the shared model; the
    weights stand beside it as plain arrays. Lessons of decisions before `forgotten_at` are gone.
    """

    site = models.OneToOneField(Site, primary_key=True, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField(default=0)
    read_by = models.CharField(max_length=80, blank=True, default="")
    lessons = models.PositiveIntegerField(default=0)
    axes = models.JSONField(default=dict)
    abuse_weights = models.BinaryField(default=b"")
    spam_weights = models.BinaryField(default=b"")
    is_paused = models.BooleanField(default=False)
    forgotten_at = models.DateTimeField(null=True)
    learned_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "site_filter"

    def __str__(self) -> str:
        return f"filter of {self.site_id}, version {self.version}"
