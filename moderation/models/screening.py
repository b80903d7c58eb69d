"""One run of all checks over one revision."""

from django.db import models
from django.db.models.functions import Now

from moderation.lib.uuid7 import uuid7
from moderation.models.comment import Comment, Revision
from moderation.models.site import Site


class Screening(models.Model):
    """All signals and the verdict of one run; `lease_token` makes a second write impossible."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="screenings")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="screenings")
    lease_token = models.UUIDField(unique=True)
    engine_version = models.CharField(max_length=40)
    policy_version = models.PositiveIntegerField()
    outcome = models.CharField(max_length=8)
    scores = models.JSONField(default=dict)
    reasons = models.JSONField(default=list)
    signals = models.JSONField(default=list)
    explanation = models.TextField(blank=True)
    runner = models.CharField(max_length=10)
    duration_ms = models.FloatField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "screening"
        indexes = [models.Index(fields=["comment", "-created_at"], name="screening_by_comment")]

    def __str__(self) -> str:
        return f"screening {self.pk}"


class Fingerprint(models.Model):
    """One locality-sensitive hash of a screened text: equal `band` means "compare these two"."""

    id = models.BigAutoField(primary_key=True)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="+")
    band = models.BigIntegerField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "fingerprint"
        indexes = [models.Index(fields=["site", "band", "created_at"], name="fingerprint_lookup")]

    def __str__(self) -> str:
        return f"fingerprint of {self.comment_id}"
