"""What the second factor of an account needs besides django-otp's own tables."""

from django.db import models
from django_otp.plugins.otp_totp.models import TOTPDevice


class SealedSeed(models.Model):
    """The seed that an authenticator shares with us, encrypted for its device.

    django-otp's column for it is too short for a sealed value, and holds `privacy.second_factor.SEALED`.
    """

    device = models.OneToOneField(
        TOTPDevice, primary_key=True, on_delete=models.CASCADE, related_name="sealed_seed"
    )
    sealed = models.TextField()

    class Meta:
        db_table = "sealed_seed"

    def __str__(self) -> str:
        return f"seed of device {self.pk}"
