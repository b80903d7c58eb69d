"""The second factor. Only this module opens its seed: to check a code, and to seal it under a newer key."""

import time

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django_otp import verify_token
from django_otp.models import Device
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from moderation.models import SealedSeed
from moderation.privacy.second_factor import SEALED, hash_backup_code, seal_seed, unseal_seed
from moderation.privacy.vault import VaultError, newest_key_id

BACKUP_CODES = 10


def add_authenticator(user: User, *, seed: str) -> TOTPDevice:
    """Store a new device of this person, with its seed (hex) sealed."""
    device = TOTPDevice.objects.create(user=user, name="app", key=SEALED)
    SealedSeed.objects.create(device=device, sealed=seal_seed(seed, device_id=device.pk))
    return device


@transaction.atomic
def verify_second_factor(user: User, code: str) -> Device | None:
    """The device that accepts `code`: the person's authenticator, or once one of their backup codes.

    Failures are counted and make the person wait. Raises VaultError if no key opens the seed.
    """
    device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True).first()
    if device is None:
        return None
    seed = _open_seed(device)
    if code.isdecimal():
        return device if check_authenticator(device, seed=seed, code=code) else None
    kept = StaticDevice.objects.filter(user=user, confirmed=True).first()
    if kept is None:
        return None
    return verify_token(user, kept.persistent_id, hash_backup_code(code, seed=seed))


def check_authenticator(device: TOTPDevice, *, seed: str, code: str) -> bool:
    """Does what `TOTPDevice.verify_token` does, which would read the seed from its own column."""
    is_allowed, _ = device.verify_is_allowed()
    if not is_allowed:
        return False
    totp = TOTP(bytes.fromhex(seed), device.step, device.t0, device.digits, device.drift)
    totp.time = time.time()
    if not code.isdecimal() or not totp.verify(int(code), device.tolerance, device.last_t + 1):
        device.throttle_increment()
        return False
    device.last_t, device.drift = totp.t(), totp.drift
    device.throttle_reset(commit=False)
    device.set_last_used_timestamp(commit=False)
    device.save()
    return True


def make_backup_codes(user: User) -> list[str]:
    """Replace all former backup codes. The plain text exists only here.

    Locks the person's device, which must exist.
    """
    device = TOTPDevice.objects.select_for_update().get(user=user, confirmed=True)
    seed = _open_seed(device)
    StaticDevice.objects.filter(user=user).delete()
    kept = StaticDevice.objects.create(user=user, name="backup")
    codes = [StaticToken.random_token() for _ in range(BACKUP_CODES)]
    StaticToken.objects.bulk_create(
        [StaticToken(device=kept, token=hash_backup_code(code, seed=seed)) for code in codes]
    )
    return codes


def check_newest_seed() -> None:
    """Open the newest seed. Raises VaultError if no key opens it."""
    row = sealed_seeds().last()
    if row is not None:
        unseal_seed(row.sealed, device_id=row.pk)


def sealed_seeds() -> QuerySet[SealedSeed]:
    """All sealed seeds, for counts and checks."""
    return SealedSeed.objects.order_by("pk")


@transaction.atomic
def reseal_seeds() -> tuple[str, ...]:
    """Seal all seeds (there are few) under the newest key; returns the names of those that did not open."""
    for device in TOTPDevice.objects.exclude(key=SEALED).select_for_update():
        _open_seed(device)
    former = sealed_seeds().exclude(sealed__startswith=f"v1:{newest_key_id()}:")
    closed = []
    for row in former.select_for_update(of=("self",)):
        try:
            seed = unseal_seed(row.sealed, device_id=row.pk)
        except VaultError:
            closed.append(f"second factor {row.pk}")
        else:
            SealedSeed.objects.filter(pk=row.pk).update(sealed=seal_seed(seed, device_id=row.pk))
    return tuple(closed)


def _open_seed(device: TOTPDevice) -> str:
    """The seed of a device that is locked. Raises VaultError.

    During an upgrade a process of a former version may have stored one in plain text; it is sealed now.
    """
    if device.key == SEALED:
        return unseal_seed(SealedSeed.objects.get(device=device).sealed, device_id=device.pk)
    seed = str(device.key)
    SealedSeed.objects.update_or_create(
        device=device, defaults={"sealed": seal_seed(seed, device_id=device.pk)}
    )
    device.key = SEALED
    device.save(update_fields=["key"])
    for token in StaticToken.objects.filter(device__user_id=device.user_id):
        token.token = hash_backup_code(token.token, seed=seed)
        token.save(update_fields=["token"])
    return seed
