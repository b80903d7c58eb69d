"""A tenant: one publication."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now

from moderation.domain.work import WorkMode
from moderation.lib.markup import TextFormat
from moderation.lib.uuid7 import uuid7


class Site(models.Model):
    """One publication with its policy, keys and moderators. Everything else belongs to one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=60, unique=True)
    hosts = ArrayField(
        models.CharField(max_length=255),
        default=list,
        help_text="Hosts of the site's pages, with a port where it is not the usual one.",
    )
    languages = ArrayField(
        models.CharField(max_length=8),
        default=list,
        blank=True,
        help_text="ISO 639-1 codes of the languages comments are expected in; empty: any.",
    )
    staff_names = ArrayField(
        models.CharField(max_length=100),
        default=list,
        blank=True,
        help_text="Names that only the staff may use; look-alikes are held.",
    )
    is_open = models.BooleanField(
        default=True, help_text="Threads take comments unless a thread says otherwise."
    )
    requires_email = models.BooleanField(default=True, help_text="Name and email must be filled out.")
    text_format = models.CharField(
        max_length=8,
        choices=[(each.value, each.value) for each in TextFormat],
        default=TextFormat.MARKDOWN,
        db_default=TextFormat.MARKDOWN.value,
        help_text="How a comment's text is read when it is published; its HTML is stored then.",
    )
    proof_of_work = models.CharField(
        max_length=6,
        choices=[(each.value, each.value) for each in WorkMode],
        default=WorkMode.OFF,
        db_default=WorkMode.OFF.value,
        help_text="When readers' comments without a proof of work are held.",
    )
    policy_version = models.PositiveIntegerField(default=1, editable=False)
    rules_version = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text="Rises with every change of the site's rules."
    )
    remote_version = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text="Rises with every change of its remote checks."
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "site"
        ordering = ["name"]
        indexes = [GinIndex(fields=["hosts"], name="site_by_host")]  # looked up by any page's preflight

    def __str__(self) -> str:
        return self.name

    @property
    def asks_readers_for_work(self) -> bool:
        """Whether readers' forms solve a challenge, of which a comment may need the solution."""
        return self.proof_of_work != WorkMode.OFF
