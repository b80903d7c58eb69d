"""Seals the seeds of second factors that stand in plain, and replaces their backup codes by keyed hashes.

May run again. A process of the former version cannot check codes of these people any more (it fails, and lets
nobody in); its own new ones are sealed by the next `rotate_email_keys`, or when they are first used.
`moderation/privacy/second_factor.py` tells what is written; nothing of it is imported, because it may change.
"""

import base64
import hmac
import os
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import migrations

SEALED = "sealed"


def seal(seed: str, device_id: int) -> str:
    key_id, _, text = settings.EMAIL_KEYS[0].strip().partition(":")
    nonce = os.urandom(12)
    sealed = AESGCM(read_key(text)).encrypt(nonce, seed.encode(), place_of(device_id))
    return f"v1:{key_id}:{base64.b64encode(nonce + sealed).decode()}"


def unseal(sealed: str, device_id: int) -> str:
    _, key_id, encoded = sealed.split(":")
    texts = dict(entry.strip().split(":", 1) for entry in settings.EMAIL_KEYS)
    if key_id not in texts:
        raise ValueError(f"The key {key_id!r} is not in EMAIL_KEYS; add it again, at its end.")
    raw = base64.b64decode(encoded)
    return AESGCM(read_key(texts[key_id])).decrypt(raw[:12], raw[12:], place_of(device_id)).decode()


def read_key(text: str) -> bytes:
    return base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)


def place_of(device_id: int) -> bytes:
    return b"totp\x00" + UUID(int=0).bytes + UUID(int=device_id).bytes


def hash_code(code: str, seed: str) -> str:
    digest = hmac.digest(b"backup-code" + bytes.fromhex(seed), code.encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:12]).decode()


def seal_all(apps, schema_editor):
    devices = apps.get_model("otp_totp", "TOTPDevice").objects.exclude(key=SEALED)
    sealed_seeds = apps.get_model("moderation", "SealedSeed").objects
    tokens = apps.get_model("otp_static", "StaticToken").objects
    for device in devices.order_by("pk").select_for_update():
        seed = device.key
        sealed_seeds.update_or_create(device_id=device.pk, defaults={"sealed": seal(seed, device.pk)})
        # Unconfirmed devices have no backup codes; there is one confirmed device a person.
        for token in tokens.filter(device__user_id=device.user_id) if device.confirmed else ():
            token.token = hash_code(token.token, seed)
            token.save(update_fields=["token"])
        device.key = SEALED
        device.save(update_fields=["key"])


def open_all(apps, schema_editor):
    """Seeds stand in plain again, before the way back drops their table. Backup codes cannot be known from
    their hashes: they are deleted, and people make new ones.
    """
    devices = apps.get_model("otp_totp", "TOTPDevice").objects.filter(key=SEALED)
    tokens = apps.get_model("otp_static", "StaticToken").objects
    for device in devices.order_by("pk").select_for_update():
        kept = apps.get_model("moderation", "SealedSeed").objects.get(device_id=device.pk)
        device.key = unseal(kept.sealed, device.pk)
        device.save(update_fields=["key"])
        tokens.filter(device__user_id=device.user_id).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0011_sealed_seed"),
        ("otp_static", "0003_add_timestamps"),
        ("otp_totp", "0003_add_timestamps"),
    ]

    operations = [migrations.RunPython(seal_all, open_all)]
