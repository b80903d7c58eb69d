"""The job table: the queue of record."""

from django.db import models
from django.db.models.functions import Now

from moderation.models.site import Site


class JobState(models.TextChoices):
    OPEN = "open"
    DEAD = "dead", "dead: a person has to look"


class Job(models.Model):
    """Work that has to be done. Written in the transaction that makes it necessary, deleted in the
    one that finishes it. `again` asks for one more run after the one under way.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=20)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+", db_index=False)
    subject_id = models.UUIDField()
    state = models.CharField(
        max_length=4, choices=JobState.choices, default=JobState.OPEN, db_default=JobState.OPEN.value
    )
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    due_at = models.DateTimeField(db_default=Now())
    leased_at = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    again = models.BooleanField(default=False, db_default=False)
    last_error = models.CharField(max_length=200, blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "job"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_id"], condition=models.Q(state="open"), name="job_open_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["kind", "site", "due_at", "id"], condition=models.Q(state="open"), name="job_due"
            ),
            models.Index(
                fields=["kind", "due_at", "id"],
                condition=models.Q(state="open", attempts__gt=0),
                name="job_retries",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} job {self.pk}"


class JobHeartbeat(models.Model):
    """When a Celery worker last worked on a kind of job; `run_jobs` reads it."""

    kind = models.CharField(max_length=20, primary_key=True)
    claimed_at = models.DateTimeField()

    class Meta:
        db_table = "job_heartbeat"

    def __str__(self) -> str:
        return self.kind
