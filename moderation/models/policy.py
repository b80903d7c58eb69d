"""What a site asks of the engine: thresholds, weights and lists, one row per version."""

from django.conf import settings as django_settings
from django.db import models
from django.db.models.functions import Now

from moderation.models.site import Site


class PolicyVersion(models.Model):
    """An immutable version of a site's policy; `Site.policy_version` says which one is in force.

    `settings` holds what differs from version `defaults_version` of the defaults; `policy_io.read_stored`
    reads both. The lists hold one entry a line.
    """

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="policies")
    version = models.PositiveIntegerField()
    settings = models.JSONField(default=dict)
    # 0 where a process of an older release stored the settings whole.
    defaults_version = models.PositiveSmallIntegerField(db_default=0)
    blocked_words = models.TextField(blank=True, default="")
    allowed_words = models.TextField(blank=True, default="")
    blocked_domains = models.TextField(blank=True, default="")
    allowed_domains = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey(
        django_settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        db_table = "policy_version"
        constraints = [models.UniqueConstraint(fields=["site", "version"], name="policy_version_once")]

    def __str__(self) -> str:
        return f"version {self.version}"
