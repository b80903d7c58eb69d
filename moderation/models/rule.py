"""A site's own rules: one row per rule, and one per version of its content."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from moderation.domain.rules import LONGEST_NAME, LONGEST_QUEUE, RuleAction, RuleMode
from moderation.lib.uuid7 import uuid7
from moderation.models.comment import Comment
from moderation.models.site import Site


class Rule(models.Model):
    """A rule's position among the site's rules, and which of its versions is in force."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="rules", db_index=False)
    position = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "rule"
        constraints = [models.UniqueConstraint(fields=["site", "id"], name="rule_site_id")]

    def __str__(self) -> str:
        return f"rule {self.pk}"


class RuleVersion(models.Model):
    """An immutable version of a rule, its mode included: every change writes the next one.

    `conditions` is what `read_rule` reads. `says` is a digest of everything but name and mode: versions with
    the same content share it, and with it their backtests.
    """

    id = models.BigAutoField(primary_key=True)
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    rule = models.ForeignKey(
        Rule, on_delete=models.CASCADE, related_name="versions", db_constraint=False, db_index=False
    )
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=LONGEST_NAME)
    mode = models.CharField(max_length=7, choices=[(mode.value, mode.value) for mode in RuleMode])
    action = models.CharField(max_length=6, choices=[(action.value, action.value) for action in RuleAction])
    queue = models.CharField(max_length=LONGEST_QUEUE, blank=True, default="")
    conditions = models.JSONField()
    says = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        db_table = "rule_version"
        constraints = [
            models.UniqueConstraint(fields=["rule", "version"], name="rule_version_once"),
            models.UniqueConstraint(fields=["site", "id"], name="rule_version_site_id"),
        ]

    def __str__(self) -> str:
        return f"{self.name} (version {self.version})"


class RuleMatch(models.Model):
    """A comment that a rule matched when it was screened, also in shadow mode; kept for a month.

    The screening's signals keep the same for good; these rows answer "which ones recently".
    """

    id = models.BigAutoField(primary_key=True)
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    rule = models.ForeignKey(
        Rule, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    version = models.PositiveIntegerField()
    is_shadow = models.BooleanField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "rule_match"
        indexes = [models.Index(fields=["site", "rule", "-created_at"], name="rule_match_lately")]

    def __str__(self) -> str:
        return f"match {self.pk}"
