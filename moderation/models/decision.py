"""A binding decision on a revision."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from moderation.domain.status import Action, ActorKind
from moderation.lib.uuid7 import uuid7
from moderation.models.comment import STATUS_CHOICES, Comment, Revision
from moderation.models.key import SiteKey
from moderation.models.site import Site


class Decision(models.Model):
    """An immutable decision by a person, a rule or the verdict, always with a reason.

    `reverses` names the decision that a `restore` undoes.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, related_name="decisions", db_constraint=False, db_index=False
    )
    revision = models.ForeignKey(
        Revision, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    action = models.CharField(max_length=8, choices=[(a.value, a.value) for a in Action])
    from_status = models.CharField(max_length=10, choices=STATUS_CHOICES)
    to_status = models.CharField(max_length=10, choices=STATUS_CHOICES)
    comment_version = models.PositiveIntegerField(help_text="The comment's version after this decision.")
    reason = models.CharField(max_length=40)
    note = models.CharField(max_length=1000, blank=True)
    actor_kind = models.CharField(max_length=7, choices=[(k.value, k.value) for k in ActorKind])
    actor_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    actor_key = models.ForeignKey(
        SiteKey, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    reverses = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="reversed_by", db_index=False
    )
    batch_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "decision"
        constraints = [
            # Few decisions are undone, so that the index leaves the others out.
            models.UniqueConstraint(
                fields=["reverses"],
                condition=models.Q(reverses__isnull=False),
                name="decision_reversed_once",
            )
        ]
        indexes = [
            models.Index(fields=["comment", "-comment_version"], name="decision_by_comment"),
            models.Index(fields=["site", "-id"], name="decision_by_site"),
            # People's decisions, from which sites learn and on which rules are tried: few among the many of
            # verdicts.
            models.Index(
                fields=["site", "-id"],
                condition=models.Q(actor_kind=ActorKind.PERSON.value),
                name="decision_by_person",
            ),
            # Most decisions are made by the verdict, which names neither.
            models.Index(
                fields=["actor_user"],
                condition=models.Q(actor_user__isnull=False),
                name="decision_by_actor_user",
            ),
            models.Index(
                fields=["actor_key"],
                condition=models.Q(actor_key__isnull=False),
                name="decision_by_actor_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} ({self.reason})"
