"""What a reader wrote, and its revisions.

Fields with `db_constraint=False`, here and in other models: a composite foreign key ties them to a row of
the same site already. Those with `db_index=False`: another index begins with that column. See
`docs/adr/0008-one-foreign-key-per-reference.md`.
"""

from django.db import models
from django.db.models.functions import Now

from moderation.domain.status import Status
from moderation.lib.uuid7 import uuid7
from moderation.models.author import Author
from moderation.models.site import Site
from moderation.models.thread import Thread

STATUS_CHOICES = [(status.value, status.value) for status in Status]
GONE = [Status.DELETED.value, Status.ERASED.value]


class Comment(models.Model):
    """One comment. Its text lives in revisions; its address only in `Contact`, sealed.

    `version` increases with every change of status: decisions name the version that they saw. `root` is the
    comment at the top of a reply's branch, None for that one itself. `submitted_at` is when the reader wrote
    it, which a secret key may state; `created_at` is ours.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="comments", db_constraint=False, db_index=False
    )
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="comments", db_constraint=False)
    author = models.ForeignKey(
        Author, on_delete=models.PROTECT, related_name="comments", db_constraint=False, db_index=False
    )
    parent = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="replies",
        db_constraint=False,
        db_index=False,
    )
    root = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    depth = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=10, choices=STATUS_CHOICES, default=Status.SCREENING.value)
    version = models.PositiveIntegerField(default=1)
    is_decided_by_person = models.BooleanField(default=False)
    author_name = models.CharField(max_length=100)
    website = models.CharField(max_length=400, blank=True)
    email_mask = models.CharField(max_length=260, blank=True)
    email_domain = models.CharField(max_length=255, blank=True)
    body_hash = models.BigIntegerField()
    claim = models.BigIntegerField(
        null=True, help_text="Whose words they are, where they stand under the same address by another hand."
    )
    current_revision = models.ForeignKey(
        "Revision", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    published_revision = models.ForeignKey(
        "Revision", null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    form_facts = models.JSONField(default=dict)
    ip_prefix = models.CharField(max_length=50, blank=True)
    ip_hash = models.BinaryField(max_length=32, null=True)
    submitted_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, help_text="When first published; kept after a removal.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "comment"
        constraints = [
            models.UniqueConstraint(fields=["site", "id"], name="comment_site_id"),
            models.UniqueConstraint(
                fields=["thread", "author", "parent", "body_hash", "claim"],
                condition=~models.Q(status__in=GONE),
                nulls_distinct=False,
                name="comment_said_once",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=[s.value for s in Status]), name="comment_status_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(status=Status.PUBLISHED.value)
                | models.Q(published_revision__isnull=False),
                name="comment_published_has_revision",
            ),
        ]
        indexes = [
            # A comment that was ever published keeps its place, so that replies to a removed one stay where
            # they are.
            models.Index(
                fields=["thread", "id"],
                condition=models.Q(root__isnull=True, published_at__isnull=False),
                name="comment_roots",
            ),
            models.Index(
                fields=["root", "id"],
                condition=models.Q(root__isnull=False, published_at__isnull=False),
                name="comment_replies",
            ),
            models.Index(fields=["site", "body_hash", "created_at"], name="comment_same_text"),
            models.Index(fields=["site", "status", "id"], name="comment_by_status"),
            models.Index(fields=["author", "submitted_at"], name="comment_by_author"),
            models.Index(
                fields=["site", "ip_hash", "submitted_at"],
                condition=models.Q(ip_hash__isnull=False),
                name="comment_by_ip",
            ),
            models.Index(
                fields=["parent"], condition=models.Q(parent__isnull=False), name="comment_by_parent"
            ),
            models.Index(fields=["root"], condition=models.Q(root__isnull=False), name="comment_by_root"),
            models.Index(fields=["id"], condition=~models.Q(ip_prefix=""), name="comment_with_ip"),
        ]

    def __str__(self) -> str:
        return f"comment {self.pk}"


class Revision(models.Model):
    """One version of a comment's text. Screenings and decisions belong to a revision, not to the comment."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, related_name="revisions", db_constraint=False, db_index=False
    )
    number = models.PositiveIntegerField(default=1)
    body = models.TextField()
    # Set when it is published, by the verdict or a person.
    body_html = models.TextField(blank=True, default="", help_text="Sanitised when screened; shown as is.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "revision"
        constraints = [
            models.UniqueConstraint(fields=["comment", "number"], name="revision_number_once"),
            models.UniqueConstraint(fields=["site", "comment", "id"], name="revision_of_comment"),
        ]

    def __str__(self) -> str:
        return f"revision {self.number}"
