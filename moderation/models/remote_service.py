"""Outside services that a site asks about its comments, and their answers."""

from django.conf import settings as django_settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from moderation.domain.remote import AnswerState, OnFailure, RemoteKind
from moderation.lib.uuid7 import uuid7
from moderation.models.comment import Comment, Revision
from moderation.models.site import Site


class RemoteService(models.Model):
    """A service of a site: the version of its settings in force, its key, and its state.

    `failures` counts failures in a row; the service is not called before `paused_until`. `calls` were made on
    the day `calls_on`, in UTC. Only the vault can decrypt the key, for this row.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in RemoteKind])
    version = models.PositiveIntegerField(default=0)
    sealed_key = models.TextField(blank=True, default="")
    failures = models.PositiveIntegerField(default=0)
    paused_until = models.DateTimeField(null=True)
    calls = models.PositiveIntegerField(default=0)
    calls_on = models.DateField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "remote_service"
        constraints = [
            models.UniqueConstraint(fields=["site", "kind"], name="remote_service_once"),
            models.UniqueConstraint(fields=["site", "id"], name="remote_service_site_id"),
        ]

    def __str__(self) -> str:
        return self.kind


class RemoteServiceVersion(models.Model):
    """An immutable version of a service's settings, which `settings_from_json` reads; never a key."""

    id = models.BigAutoField(primary_key=True)
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    service = models.ForeignKey(
        RemoteService, on_delete=models.CASCADE, related_name="versions", db_constraint=False, db_index=False
    )
    version = models.PositiveIntegerField()
    settings = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey(
        django_settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        db_table = "remote_service_version"
        constraints = [
            models.UniqueConstraint(fields=["service", "version"], name="remote_service_version_once")
        ]

    def __str__(self) -> str:
        return f"version {self.version}"


class RemoteAnswer(models.Model):
    """One question about one revision, written when the service is to be asked, and its answer.

    `fields` names what was sent. `on_failure` is the site's setting at that time, so that a later screening
    of the same revision gives the same result.
    """

    id = models.BigAutoField(primary_key=True)
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    revision = models.ForeignKey(
        Revision, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    service = models.ForeignKey(
        RemoteService, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    service_version = models.PositiveIntegerField()
    state = models.CharField(
        max_length=7,
        choices=[(state.value, state.value) for state in AnswerState],
        default=AnswerState.WAITING.value,
        db_default=AnswerState.WAITING.value,
    )
    on_failure = models.CharField(max_length=6, choices=[(each.value, each.value) for each in OnFailure])
    findings = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    error = models.CharField(max_length=12, blank=True, default="", db_default="")
    fields = ArrayField(models.CharField(max_length=40), default=list, db_default=[])
    duration_ms = models.FloatField(default=0.0, db_default=0.0)
    created_at = models.DateTimeField(db_default=Now())
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "remote_answer"
        constraints = [
            models.UniqueConstraint(fields=["revision", "service"], name="remote_answer_once_per_revision")
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"
