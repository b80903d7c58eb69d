"""The second factor at rest: seeds of authenticators sealed, backup codes kept as keyed hashes."""

import base64
import hmac
from uuid import UUID

from django.conf import settings

from moderation.privacy import cipher
from moderation.privacy.cipher import Place

# Stands in django-otp's own column. It is no hex: code that reads a seed there fails, and never takes an
# empty key, whose codes anybody can work out.
SEALED = "sealed"
_NO_SITE = UUID(int=0)  # accounts belong to the installation
_HASH_BYTES = 12  # 16 characters of base64: as wide as django-otp's column


def seal_seed(seed: str, *, device_id: int) -> str:
    """A seed in hex; it opens only for this device."""
    return cipher.seal_value(seed, ring=_ring(), place=_place(device_id))


def unseal_seed(sealed: str, *, device_id: int) -> str:
    """The seed again. Raises VaultError."""
    return cipher.unseal_value(sealed, ring=_ring(), place=_place(device_id))


def hash_backup_code(code: str, *, seed: str) -> str:
    """16 characters that know a backup code again.

    The key is the person's own seed: a table of hashes tells nothing to who cannot open the seed, although a
    code has 40 bits only, and no change of the service's keys makes the hashes stale.
    """
    digest = hmac.digest(b"backup-code" + bytes.fromhex(seed), code.encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:_HASH_BYTES]).decode()


def _place(device_id: int) -> Place:
    return Place("totp", _NO_SITE, UUID(int=device_id))


def _ring() -> cipher.KeyRing:
    return cipher.parse_key_ring(settings.EMAIL_KEYS)
