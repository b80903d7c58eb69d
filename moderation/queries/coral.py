"""The secret of a site's moderation phase in Coral, believed for a second."""

import time
from threading import Lock
from uuid import UUID

from cachetools import LRUCache
from django.conf import settings

from moderation.models import CoralPhase, Site
from moderation.privacy import vault

_MOST_KNOWN = 256
_known: LRUCache[UUID, tuple[float, str]] = LRUCache(_MOST_KNOWN)
_lock = Lock()


def signing_secret(site_id: UUID) -> str | None:
    """The secret as it was within the last `KEY_MEMORY_S` seconds; None where none is stored.

    Raises `VaultError` where the keys of this service are not those that sealed it.
    """
    with _lock:
        known = _known.get(site_id)
    if known and time.monotonic() - known[0] < settings.KEY_MEMORY_S:
        return known[1]
    asked_at = time.monotonic()
    phase = CoralPhase.objects.filter(site_id=site_id).exclude(sealed_secret="").first()
    if phase is None:
        return None
    secret = vault.unseal_secret(phase.sealed_secret, site_id=site_id, row_id=phase.id)
    with _lock:
        _known[site_id] = asked_at, secret
    return secret


def forget_secret(site_id: UUID) -> None:
    """Read the secret again, in the process that changed it; others do so within a second."""
    with _lock:
        _known.pop(site_id, None)


def has_secret(site: Site) -> bool:
    """Whether a secret is stored."""
    return CoralPhase.objects.filter(site=site).exclude(sealed_secret="").exists()
