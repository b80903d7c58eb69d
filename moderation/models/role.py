"""Who may do what on which site."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from moderation.models.site import Site


class RoleName(models.TextChoices):
    MODERATOR = "moderator", "moderator: works the queue"
    EDITOR = "editor", "editor: also sees addresses and changes lists and policy"
    OWNER = "owner", "owner: also keys and roles"


class NotifyMode(models.TextChoices):
    OFF = "off", "no mail"
    EACH = "each", "soon after a comment is held"
    DIGEST = "digest", "once a day"


class Role(models.Model):
    """A person's role on one site, and how they want to be notified of held comments."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="roles")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="site_roles")
    name = models.CharField(max_length=10, choices=RoleName.choices, default=RoleName.MODERATOR)
    notify = models.CharField(max_length=6, choices=NotifyMode.choices, default=NotifyMode.OFF)
    last_notified_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "role"
        constraints = [models.UniqueConstraint(fields=["site", "user"], name="role_once_per_site")]

    def __str__(self) -> str:
        return f"{self.name} of {self.site}"
