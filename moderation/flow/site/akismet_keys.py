"""Keys for clients of the Akismet API: short ones, because those clients accept no others."""

import secrets
import string
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from moderation.flow.site.resealing import reseal_rows
from moderation.models import SiteKey
from moderation.models.key import KeyKind, Scope
from moderation.privacy import vault
from moderation.privacy.vault import VaultError
from moderation.queries.keys import akismet_id, forget_keys

# The WordPress plugin refuses a key of any other length before it asks anybody. 12 of 36 signs are 62 bits.
LENGTH = 12
_SIGNS = string.digits + string.ascii_lowercase
# Clients of that API check comments and report what was decided wrongly, with the same key.
AKISMET_SCOPES = (Scope.SUBMIT, Scope.DECIDE)


def draw_akismet_key(site_id: UUID) -> tuple[SiteKey, str]:
    """A new key, not stored yet, and its text.

    Its row is found by a keyed hash, because whoever had the table could try 62 bits against a plain one.
    """
    plain = "".join(secrets.choice(_SIGNS) for _ in range(LENGTH))
    key = SiteKey(site_id=site_id, kind=KeyKind.AKISMET, public_id=_id_of(plain))
    key.sealed = vault.seal_secret(plain, site_id=site_id, row_id=key.id)
    return key, plain


def open_akismet_key(key: SiteKey) -> str:
    """The text of a valid Akismet key. Raises `VaultError`."""
    return vault.unseal_secret(key.sealed, site_id=key.site_id, row_id=key.id)


@transaction.atomic
def rename_akismet_keys() -> tuple[UUID, ...]:
    """Have all keys found under the current index key; return the ids of those that did not open."""
    closed = []
    for key in _sealed_keys():
        try:
            public_id = _id_of(open_akismet_key(key))
        except VaultError:
            closed.append(key.id)
        else:
            SiteKey.objects.filter(pk=key.pk, site_id=key.site_id).update(public_id=public_id)
    transaction.on_commit(forget_keys)
    return tuple(closed)


def reseal_akismet_keys() -> tuple[UUID, ...]:
    """Seal all keys under the newest key of the vault; return the ids of those that did not open."""
    return reseal_rows(sealed_akismet_keys(), "sealed")


def sealed_akismet_keys() -> QuerySet[SiteKey]:
    """All keys that the vault has sealed; a revoked one is not."""
    return SiteKey.objects.exclude(sealed="")


def _sealed_keys() -> QuerySet[SiteKey]:
    return sealed_akismet_keys().order_by("pk").select_for_update(of=("self",))


def _id_of(plain: str) -> str:
    return akismet_id(vault.short_key_names(plain)[0])
