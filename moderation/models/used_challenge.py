"""Challenges of the proof of work that a comment was stored with, so that none is used twice."""

from django.db import models
from django.db.models.functions import Now

from moderation.models.site import Site


class UsedChallenge(models.Model):
    """One challenge of one site, by a digest of its signature. It is kept until the challenge has expired."""

    id = models.BigAutoField(primary_key=True)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+", db_index=False)
    digest = models.BinaryField(max_length=16)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "used_challenge"
        constraints = [models.UniqueConstraint(fields=["site", "digest"], name="used_challenge_once")]

    def __str__(self) -> str:
        return f"used challenge {self.pk}"
