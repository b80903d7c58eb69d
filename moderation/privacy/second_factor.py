"""The second factor at rest: seeds of authenticators encrypted, backup codes as keyed hashes."""

import base64
import hmac
from uuid import UUID

from django.conf import settings

from moderation.privacy import cipher
from moderation.privacy.cipher import Place

# Stored in django-otp's own column. It is not hex, so code that reads a seed there fails and never uses an
# empty key, whose codes anybody could compute.
SEALED = "sealed"
_NO_SITE = UUID(int=0)  # accounts belong to the installation
_HASH_BYTES = 12  # 16 characters of base64: as wide as django-otp's column


def seal_seed(seed: str, *, device_id: int) -> str:
    """Encrypt a seed (hex) so that it opens only for this device."""
    return cipher.seal_value(seed, ring=_ring(), place=_place(device_id))


def unseal_seed(sealed: str, *, device_id: int) -> str:
    """The plain seed. Raises VaultError."""
    return cipher.unseal_value(sealed, ring=_ring(), place=_place(device_id))


def hash_backup_code(code: str, *, seed: str) -> str:
    """16 characters that identify a backup code.

    The key is the person's own seed: the hashes reveal nothing without the seed, although a code has only 40
    bits, and they stay valid when the service's keys change.
    """
    digest = hmac.digest(b"backup-code" + bytes.fromhex(seed), code.encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:_HASH_BYTES]).decode()


def _place(device_id: int) -> Place:
    return Place("totp", _NO_SITE, UUID(int=device_id))


def _ring() -> cipher.KeyRing:
    return cipher.parse_key_ring(settings.EMAIL_KEYS)
