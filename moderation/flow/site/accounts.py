"""Changes to the accounts of people who may log in, and to their second factors, with audit events."""

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db import transaction
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from moderation.domain.errors import FieldError, InvalidFields, NotAllowed
from moderation.flow.record import Actor, Event, record
from moderation.flow.site.second_factors import add_authenticator, check_authenticator, make_backup_codes


@transaction.atomic
def save_account(user: User, *, is_new: bool, fields: Sequence[str], actor: Actor) -> None:
    """Store an account that a form has filled. The caller checks the permission."""
    user.save()
    kind = "user.created" if is_new else "user.changed"
    record(Event(kind, "user", user.pk, {"fields": sorted(fields)}), site_id=None, actor=actor)


@transaction.atomic
def record_password_change(user: User, *, actor: Actor) -> None:
    """Record that somebody set a new password."""
    record(Event("user.password_changed", "user", user.pk), site_id=None, actor=actor)


@transaction.atomic
def add_second_factor(user: User, *, key: str, code: str) -> tuple[Device, list[str]]:
    """Store `key` (hex), sealed, as the person's second factor if `code` proves that their app has it.

    Returns the device and new backup codes in plain text, which are shown once. Raises `InvalidFields` for a
    wrong code, `NotAllowed` for a person who already has a second factor.
    """
    User.objects.select_for_update().get(pk=user.pk)
    if TOTPDevice.objects.filter(user=user, confirmed=True).exists():
        raise NotAllowed
    device = add_authenticator(user, seed=key)
    if not check_authenticator(device, seed=key, code=code):
        message = "This code does not match. Check your device's clock and try the next one."
        raise InvalidFields([FieldError("code", "wrong_code", message)])
    _record("account.second_factor_set", user)
    return device, make_backup_codes(user)


@transaction.atomic
def renew_backup_codes(user: User) -> list[str]:
    """Replace all former backup codes; the new ones are shown once."""
    _record("account.backup_codes_renewed", user)
    return make_backup_codes(user)


@transaction.atomic
def remove_second_factor(user: User, *, actor: Actor) -> None:
    """Remove the second factor of a person who lost device and backup codes; the next log-in asks to set up a
    new one.
    """
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    record(Event("account.second_factor_removed", "user", user.pk), site_id=None, actor=actor)


def _record(kind: str, user: User) -> None:
    record(Event(kind, "user", user.pk), site_id=None, actor=Actor("person", user_id=user.pk))
