"""What a version of a rule would have done with comments that people have decided on."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from moderation.lib.uuid7 import uuid7
from moderation.models.rule import Rule, RuleVersion
from moderation.models.site import Site


class BacktestState(models.TextChoices):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Backtest(models.Model):
    """One run over the latest comments decided by people, with its progress and its result.

    `wanted` is how many to look at, `total` how many there are, `done` how many were looked at. `counts`
    holds numbers by what people decided; `differences` and `missed` the ids of the first comments that the
    rule matched and people approved, and that people removed and the rule did not match. `cursor` is the last
    decision looked at: an interrupted run continues from there.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    rule = models.ForeignKey(
        Rule, on_delete=models.CASCADE, related_name="backtests", db_constraint=False, db_index=False
    )
    rule_version = models.ForeignKey(
        RuleVersion, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    state = models.CharField(max_length=9, choices=BacktestState.choices, default=BacktestState.WAITING.value)
    wanted = models.PositiveIntegerField()
    total = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    cursor = models.UUIDField(null=True)
    counts = models.JSONField(default=dict)
    differences = models.JSONField(default=list)
    missed = models.JSONField(default=list)
    seconds = models.FloatField(default=0.0)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "backtest"
        indexes = [models.Index(fields=["site", "rule", "-created_at"], name="backtest_by_rule")]

    def __str__(self) -> str:
        return f"backtest {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether it is waiting or in progress."""
        return self.state in (BacktestState.WAITING, BacktestState.RUNNING)
