"""Who is calling: keys with their sites, and the hosts that are registered at all."""

import hashlib
import hmac
import re

from django.db import connection
from django.db.models import Model

from moderation.models import Site, SiteKey
from moderation.models.key import KeyKind

# As `flow.settings.create_key` makes them; whatever does not fit is never looked up as typed.
_PUBLIC = re.compile(r"cm_pk_(?P<id>[A-Za-z0-9-]{1,40})")
_SECRET = re.compile(r"cm_sk_(?P<id>[A-Za-z0-9-]{1,40})_(?P<secret>[A-Za-z0-9_-]{1,100})")
_NO_ID = "?"
_NO_HASH = bytes(32)


def find_key(text: str) -> SiteKey | None:
    """The key in force that `text` is, with its site; None for any other text.

    One query and one comparison in constant time, whatever `text` is. Nothing is remembered: a
    revoked key ends, and a closed site closes, with the very next request.
    """
    public, secret = _PUBLIC.fullmatch(text), _SECRET.fullmatch(text)
    found = public or secret
    key = _find_row(found["id"] if found else _NO_ID)
    given = hashlib.sha256((secret["secret"] if secret else "").encode()).digest()
    stored = bytes(key.secret_hash) if key and key.secret_hash else _NO_HASH
    is_right_secret = hmac.compare_digest(given, stored)
    if key is None or key.revoked_at is not None:
        return None
    if key.kind == KeyKind.PUBLIC:
        return key if public else None
    return key if is_right_secret else None


def find_site_of_public_key(text: str) -> Site | None:
    """The site of a public key in force. A secret key in this place is as good as unknown."""
    key = find_key(text) if _PUBLIC.fullmatch(text) else None
    return key.site if key else None


def looks_secret(text: str) -> bool:
    """Whether `text` is written as secret keys are."""
    return _SECRET.fullmatch(text) is not None


def is_registered_host(host: str) -> bool:
    """Whether `host` (with its port where that is not the usual one) belongs to any site."""
    return Site.objects.filter(hosts__contains=[host]).exists()


def _find_row(public_id: str) -> SiteKey | None:
    """As the ORM would fetch it, without building the query anew for each request."""
    with connection.cursor() as cursor:
        cursor.execute(_FIND_SQL, [public_id])
        row = cursor.fetchone()
    if row is None:
        return None
    key = SiteKey.from_db(connection.alias, _KEY_COLUMNS, row[: len(_KEY_COLUMNS)])
    key.site = Site.from_db(connection.alias, _SITE_COLUMNS, row[len(_KEY_COLUMNS) :])
    return key


def _columns(model: type[Model]) -> list[str]:
    return [str(field.column) for field in model._meta.concrete_fields]


_KEY_COLUMNS, _SITE_COLUMNS = _columns(SiteKey), _columns(Site)
_FIND_SQL = (
    f"SELECT {', '.join(f'site_key.{name}' for name in _KEY_COLUMNS)}, "
    f"{', '.join(f'site.{name}' for name in _SITE_COLUMNS)} "
    "FROM site_key JOIN site ON site.id = site_key.site_id WHERE site_key.public_id = %s"
)
