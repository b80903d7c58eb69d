"""One run of all checks over one revision."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from moderation.domain.fingerprint import BANDS
from moderation.lib.uuid7 import uuid7
from moderation.models.comment import Comment, Revision
from moderation.models.site import Site


class Screening(models.Model):
    """All signals and the verdict of one run; `lease_token` makes a second write impossible."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, related_name="screenings", db_constraint=False, db_index=False
    )
    revision = models.ForeignKey(
        Revision, on_delete=models.CASCADE, related_name="screenings", db_constraint=False, db_index=False
    )
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
    """The locality-sensitive hashes of a screened text: texts with an equal band are to be compared."""

    comment = models.OneToOneField(
        Comment, primary_key=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    bands = ArrayField(models.BigIntegerField(), size=BANDS)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "text_fingerprint"
        indexes = [
            models.Index(
                "site", models.F(f"bands__{number}"), "created_at", name=f"fingerprint_band_{number}"
            )
            for number in range(BANDS)
        ]

    def __str__(self) -> str:
        return f"fingerprint of {self.comment_id}"
