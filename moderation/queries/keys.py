"""Identifies callers: keys with their sites, and registered hosts."""

import hashlib
import hmac
import re
import time
from collections.abc import Callable

from django.db import connection
from django.db.models import Model, Q

from moderation.models import CoralPhase, Site, SiteKey
from moderation.models.key import KeyKind, Scope
from moderation.privacy import vault
from moderation.queries.brief_memory import BriefMemory

# The form that `flow.site.settings.create_key` gives to keys; a text of another form is never looked up.
_PUBLIC = re.compile(r"cm_pk_(?P<id>[A-Za-z0-9-]{1,40})")
_SECRET = re.compile(r"cm_sk_(?P<id>[A-Za-z0-9-]{1,40})_(?P<secret>[A-Za-z0-9_-]{1,100})")
_AKISMET = re.compile(r"[0-9a-z]{12}")
_NO_ID = "?"
_NO_HASH = bytes(32)
_MOST_KNOWN = 4096


# Keys that were valid lately, by a hash of their whole text. What is not valid is never here, so that a guess
# always costs a look-up and tells nothing by its time.
_known: BriefMemory[bytes, SiteKey] = BriefMemory(_MOST_KNOWN)


def forget_keys() -> None:
    """Look every key up again, in the process that changed a key or a site; others do so within a second."""
    _known.clear()


def find_akismet_key(text: str) -> SiteKey | None:
    """The valid Akismet key, or secret key, `text` with its site; None for any other text.

    Costs and remembers what `find_key` does. The API itself never takes an Akismet key.
    """
    if not _AKISMET.fullmatch(text):
        return find_key(text)
    # No text has the first byte: what is remembered here is nothing to `find_key`.
    return _find_and_keep(b"\xff" + text.encode(), lambda: _look_up_akismet(text))


def find_key(text: str) -> SiteKey | None:
    """The valid public or secret key `text` with its site; None for any other text.

    A key that was valid within the last `KEY_MEMORY_S` seconds is not looked up again. Any other text costs
    one query and one comparison in constant time. The object is shared by threads: do not change it.
    """
    return _find_and_keep(text.encode("utf-8", "surrogatepass"), lambda: _look_up(text))


def _find_and_keep(name: bytes, look_up: Callable[[], SiteKey | None]) -> SiteKey | None:
    digest = hashlib.sha256(name).digest()
    if known := _known.find(digest):
        return known
    asked_at = time.monotonic()
    key = look_up()
    if key is not None:
        _known.keep(digest, key, asked_at)
    return key


def _look_up_akismet(text: str) -> SiteKey | None:
    """One query, and one more for each former index key. The names are keyed, so no time helps a guess."""
    for name in vault.short_key_names(text):
        key = _find_row(akismet_id(name))
        if key is not None:
            return key if key.revoked_at is None and key.kind == KeyKind.AKISMET else None
    return None


def akismet_id(name: str) -> str:
    """The `public_id` of an Akismet key with this keyed name. No other key's id can look like it."""
    return f"ak:{name}"


def _look_up(text: str) -> SiteKey | None:
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
    """The site of a valid public key. A secret key counts as unknown here.

    Always looked up: `page_freshness.py` believes the answer for a second, and two memories would add up.
    """
    key = _look_up(text) if _PUBLIC.fullmatch(text) else None
    return key.site if key else None


def is_asked_for_analyses() -> bool:
    """Whether any site has a key for clients of other services: of Akismet, for scores alone, or Coral's."""
    of_others = Q(kind=KeyKind.AKISMET) | Q(scopes=[Scope.SCORE])
    has_key = SiteKey.objects.filter(of_others, revoked_at__isnull=True).exists()
    return has_key or CoralPhase.objects.exclude(sealed_secret="").exists()


def looks_secret(text: str) -> bool:
    """Whether `text` has the form of a secret key."""
    return _SECRET.fullmatch(text) is not None


def is_registered_host(host: str) -> bool:
    """Whether `host` (with its port where that is not the usual one) belongs to any site."""
    return Site.objects.filter(hosts__contains=[host]).exists()


def _find_row(public_id: str) -> SiteKey | None:
    """Fetches what the ORM would fetch, without building the query for each request."""
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
