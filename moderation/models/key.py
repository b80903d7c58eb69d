"""The keys that sites use to call the API."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from moderation.lib.uuid7 import uuid7
from moderation.models.site import Site


class KeyKind(models.TextChoices):
    PUBLIC = "public", "public: may stand in a page"
    SECRET = "secret", "secret: for servers only"
    AKISMET = "akismet", "akismet: 12 characters, for clients of the Akismet API only"


class Scope(models.TextChoices):
    """What a secret key may do. A public key can only submit comments and read published ones."""

    SUBMIT = "submit", "submit comments, stating address and time of the reader"
    READ = "read", "read every comment, published or not"
    DECIDE = "decide", "list the queue and decide"
    SCORE = "score", "have texts scored, of which nothing is stored (every secret key may do that)"


class SiteKey(models.Model):
    """A key of a site. A secret one is stored as SHA-256 of 256 random bits and shown once.

    `public_id` is the whole of a public key, and the part of a secret key by which its row is found. An
    Akismet key is too short for a plain hash: its `public_id` is a keyed one (`vault.short_key_names`), and
    `sealed` holds the key itself, which late verdicts carry and a change of the index key needs. It is
    emptied when the key is revoked.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="keys")
    kind = models.CharField(max_length=10, choices=KeyKind.choices)
    label = models.CharField(max_length=100, blank=True)
    public_id = models.CharField(max_length=40, unique=True)
    secret_hash = models.BinaryField(max_length=32, null=True)
    sealed = models.TextField(blank=True, default="", db_default="")
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope.choices), default=list, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "site_key"
        ordering = ["created_at"]
        constraints = [models.UniqueConstraint(fields=["site", "id"], name="site_key_site_id")]

    def __str__(self) -> str:
        return self.label or f"{self.kind} key"
