"""What a site's filter learned from: one row per decision, and the filter that was fitted on these rows."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from moderation.models.comment import Comment, Revision
from moderation.models.site import Site


class StoredExample(models.Model):
    """A training example: a person's standing decision on a comment, with the comment's features.

    `labels` holds 1 (against the comment) or 0 (for it) by axis. `prior_predictions` holds, by axis, what the
    shared model and the filter predicted before the filter was fitted on this example. `features` are hashes:
    no text, no address. `moderator_hour` names who decided and in which hour. A row is deleted when its
    decision is undone, replaced or forgotten, or when its comment is deleted.
    """

    decision_id = models.UUIDField(primary_key=True)
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    comment = models.OneToOneField(Comment, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    revision = models.ForeignKey(
        Revision, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    labels = models.JSONField()
    prior_predictions = models.JSONField()
    features = models.BinaryField()
    bands = ArrayField(models.BigIntegerField(), default=list)
    moderator_hour = models.CharField(max_length=80)
    sample_weight = models.FloatField(default=1.0)
    feature_version = models.CharField(
        max_length=80, help_text="Which features, and which shared model they come from."
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "training_example"
        indexes = [models.Index(fields=["site", "decision_id"], name="training_example_by_site")]

    def __str__(self) -> str:
        return f"training example of decision {self.decision_id}"


class SiteFilter(models.Model):
    """A site's filter: what is added to the predictions of the shared model. Refitted at each change.

    `version` rises with every change that workers have to load. `axes` holds, by axis, the blend, the number
    of training examples and the result of the progressive validation; the weights are stored beside it as
    plain arrays. Decisions made before `forgotten_at` give no training examples.
    """

    site = models.OneToOneField(Site, primary_key=True, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField(default=0)
    feature_version = models.CharField(max_length=80, blank=True, default="")
    example_count = models.PositiveIntegerField(default=0)
    axes = models.JSONField(default=dict)
    abuse_weights = models.BinaryField(default=b"")
    spam_weights = models.BinaryField(default=b"")
    is_paused = models.BooleanField(default=False)
    forgotten_at = models.DateTimeField(null=True)
    fitted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "site_filter"

    def __str__(self) -> str:
        return f"filter of {self.site_id}, version {self.version}"
