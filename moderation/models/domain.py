"""What an installation stores about the domains that comments link to: keyed hashes, never names."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from moderation.domain.fingerprint import BANDS
from moderation.models.author import Author
from moderation.models.comment import Comment
from moderation.models.site import Site
from moderation.models.thread import Thread


class DomainRecord(models.Model):
    """A domain that some comment of this installation linked to. Does not tell which comment or site."""

    domain = models.UUIDField(primary_key=True, editable=False)
    first_seen_at = models.DateTimeField(db_default=Now())
    last_seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "domain_record"
        indexes = [
            models.Index(fields=["first_seen_at"], name="domain_record_by_first_seen"),
            models.Index(fields=["last_seen_at"], name="domain_record_by_last_seen"),
        ]

    def __str__(self) -> str:
        return f"domain {self.domain}"


class DomainLabel(models.Model):
    """A person's decision on a comment, as a label (spam or not) of a domain that the comment links to.

    The rows of a comment are derived from its decisions alone (`flow/comments/reputation.py`). `created_at`
    is the time of the decision. Other sites only ever get sums over these rows.
    """

    id = models.BigAutoField(primary_key=True)
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    domain = models.UUIDField()
    is_spam = models.BooleanField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "domain_label"
        constraints = [models.UniqueConstraint(fields=["comment", "domain"], name="domain_label_once")]
        indexes = [models.Index(fields=["domain", "is_spam", "-created_at"], name="domain_label_lately")]

    def __str__(self) -> str:
        return f"domain label {self.pk}"


class CampaignKey(models.Model):
    """A domain or contact that a screened comment names, with the bands of its text; kept for two days.

    `key` is a keyed hash of the domain or contact. Sites only ever get counts over these rows.
    """

    id = models.BigAutoField(primary_key=True)
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    thread = models.ForeignKey(
        Thread, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    author = models.ForeignKey(
        Author, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    key = models.UUIDField()
    bands = ArrayField(models.BigIntegerField(), size=BANDS)
    has_record = models.BooleanField(help_text="The author had proved their address and been published.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "campaign_key"
        constraints = [models.UniqueConstraint(fields=["comment", "key"], name="campaign_key_once")]
        indexes = [models.Index(fields=["key", "-created_at"], name="campaign_key_lately")]

    def __str__(self) -> str:
        return f"campaign key {self.pk}"
