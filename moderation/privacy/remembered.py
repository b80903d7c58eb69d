"""What a reader asked their own browser to keep: encrypted, so that the cookie alone reveals nothing."""

import json
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.conf import settings

from moderation.lib.clock import now
from moderation.privacy import cipher
from moderation.privacy.cipher import Place, VaultError

MAX_AGE = timedelta(days=365)
_NO_ROW = UUID(int=0)


def seal_remembered(fields: Mapping[str, str], *, site_id: UUID) -> str:
    """`fields` for one site's form, with a date, encrypted so that only this service can read them."""
    dated = {"at": int(now().timestamp()), "fields": dict(fields)}
    return cipher.seal_value(json.dumps(dated), ring=_ring(), place=_place(site_id))


def open_remembered(sealed: str, *, site_id: UUID) -> dict[str, str]:
    """The fields that were sealed for this site within the last year; empty for anything else."""
    try:
        dated = json.loads(cipher.unseal_value(sealed, ring=_ring(), place=_place(site_id)))
    except VaultError:
        return {}
    if now().timestamp() - dated["at"] > MAX_AGE.total_seconds():
        return {}
    return {str(name): str(value) for name, value in dated["fields"].items()}


def _ring() -> cipher.KeyRing:
    return cipher.parse_key_ring(settings.EMAIL_KEYS)


def _place(site_id: UUID) -> Place:
    return Place("remembered", site_id, _NO_ROW)
