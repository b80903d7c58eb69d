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
    key = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    nonce = os.urandom(12)
    place = b"totp\x00" + UUID(int=0).bytes + UUID(int=device_id).bytes
    return f"v1:{key_id}:{base64.b64encode(nonce + AESGCM(key).encrypt(nonce, seed.encode(), place)).decode()}"


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


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0011_sealed_seed"),
        ("otp_static", "0003_add_timestamps"),
        ("otp_totp", "0003_add_timestamps"),
    ]

    operations = [migrations.RunPython(seal_all, migrations.RunPython.noop)]
