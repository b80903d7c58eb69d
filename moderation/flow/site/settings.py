"""Changes to a site's settings, with audit events. Policies are versioned and never edited."""

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now
from django.utils.text import slugify

from moderation.domain.errors import ActionNotPossible, FieldError, InvalidFields, NotFound
from moderation.domain.work import WorkMode
from moderation.engine.verdict.defaults import CURRENT_DEFAULTS, current_defaults
from moderation.engine.verdict.deviations import deviations_of, settings_with
from moderation.engine.verdict.policy_io import read_settings, settings_of
from moderation.flow.record import SYSTEM, Actor, Event, record
from moderation.flow.site.akismet_keys import AKISMET_SCOPES, draw_akismet_key
from moderation.lib.markup import TextFormat
from moderation.lib.urls import ascii_host
from moderation.models import PolicyVersion, Role, Site, SiteKey, Thread
from moderation.models.key import KeyKind, Scope
from moderation.models.role import NotifyMode, RoleName
from moderation.queries.judging_memory import forget_judging
from moderation.queries.keys import forget_keys
from moderation.queries.site_facts import compile_ruleset

LIST_FIELDS = ("blocked_words", "allowed_words", "blocked_domains", "allowed_domains")
# The fields of a site that the admin may change; each change is recorded with the field's name.
SITE_FIELDS = (
    "name",
    "hosts",
    "languages",
    "staff_names",
    "is_open",
    "requires_email",
    "text_format",
    "proof_of_work",
)


STALE_POLICY = "Somebody else changed the policy in the meantime."
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class NewKey:
    """A new key. `plain` is the only copy of a secret key."""

    key: SiteKey
    plain: str


@dataclass(frozen=True, slots=True)
class NewSite:
    """A new site, with a public key for its pages and a secret key for its server."""

    site: Site
    public: NewKey
    secret: NewKey


@transaction.atomic
def open_site(
    name: str, *, hosts: Sequence[str], languages: Sequence[str] = (), owner: User, actor: Actor
) -> NewSite:
    """Create a site with keys and an owner. Raises `InvalidFields`."""
    site = create_site(name, hosts=hosts, languages=languages, actor=actor)
    set_role(site.id, owner, RoleName.OWNER, actor=actor)
    return NewSite(
        site=site,
        public=create_key(site.id, KeyKind.PUBLIC, actor=actor, label="Pages"),
        secret=create_key(site.id, KeyKind.SECRET, actor=actor, label="Server", scopes=list(Scope)),
    )


@transaction.atomic
def create_site(
    name: str,
    *,
    hosts: Sequence[str],
    slug: str = "",
    languages: Sequence[str] = (),
    actor: Actor = SYSTEM,
) -> Site:
    """Create a site with the default policy. Raises `InvalidFields` for unusable hosts or a taken name."""
    name, languages = clean_site_name(name), clean_languages(languages)
    slug = slug or slugify(name)[:60] or "site"
    if Site.objects.filter(slug=slug).exists():
        raise InvalidFields([FieldError("name", "taken", "There is a site of this name already.")])
    site = Site.objects.create(name=name, slug=slug, hosts=clean_hosts(hosts), languages=languages)
    PolicyVersion.objects.create(site=site, version=1, defaults_version=CURRENT_DEFAULTS)
    record(Event("site.created", "site", site.id), site_id=site.id, actor=actor)
    return site


def clean_site_name(name: str) -> str:
    """A name on one line without control characters: it is shown in pages and in subjects of mails."""
    clean = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
    if not clean or len(clean) > 100:
        raise InvalidFields([FieldError("name", "invalid", "Give the site a name of 1 to 100 characters.")])
    return clean


def clean_languages(languages: Sequence[str]) -> list[str]:
    """ISO 639 codes in lower case, like `en`. Raises `InvalidFields`."""
    codes = [language.strip().lower() for language in languages if language.strip()]
    if len(codes) > _MOST_LISTED or not all(_LANGUAGE.fullmatch(code) for code in codes):
        raise InvalidFields([FieldError("languages", "invalid", "Give codes of two letters, like en or de.")])
    return list(dict.fromkeys(codes))


def clean_staff_names(names: Sequence[str]) -> list[str]:
    """Names on one line each. Raises `InvalidFields`."""
    clean = [" ".join(name.split()) for name in names if name.strip()]
    if len(clean) > _MOST_LISTED or any(len(name) > 100 for name in clean):
        message = f"Give at most {_MOST_LISTED} names of at most 100 characters."
        raise InvalidFields([FieldError("staff_names", "invalid", message)])
    return list(dict.fromkeys(clean))


def clean_hosts(hosts: Sequence[str]) -> list[str]:
    """Hosts in normal form, each `example.org` or `example.org:8080`. Raises `InvalidFields`."""
    cleaned = []
    for host in hosts:
        name, _, port = host.strip().partition(":")
        try:
            cleaned.append(ascii_host(name) + (f":{int(port)}" if port else ""))
        except ValueError:
            message = "Give hosts like example.org or localhost:8000, without https:// and path."
            raise InvalidFields([FieldError("hosts", "invalid_host", message)]) from None
    return list(dict.fromkeys(cleaned))


def clean_text_format(given: str) -> str:
    """One of `TextFormat`. Raises `InvalidFields`."""
    return _clean_choice("text_format", given, TextFormat)


def clean_work_mode(given: str) -> str:
    """One of `WorkMode`. Raises `InvalidFields`."""
    return _clean_choice("proof_of_work", given, WorkMode)


def _clean_choice(field: str, given: str, choices: type[StrEnum]) -> str:
    if given not in set(choices):
        raise InvalidFields([FieldError(field, "invalid", "Choose one of the given values.")])
    return given


_CLEAN: dict[str, Callable[[Any], Any]] = {
    "name": clean_site_name,
    "hosts": clean_hosts,
    "languages": clean_languages,
    "staff_names": clean_staff_names,
    "text_format": clean_text_format,
    "proof_of_work": clean_work_mode,
}


@transaction.atomic
def change_site(site_id: UUID, changes: Mapping[str, Any], *, actor: Actor) -> Site:
    """Change fields of `SITE_FIELDS`; they apply from the next comment on. Raises `InvalidFields`."""
    # No stronger lock, because every submission refers to this row.
    site = Site.objects.select_for_update(no_key=True).get(id=site_id)
    for name in SITE_FIELDS:
        if name in changes:
            setattr(site, name, _CLEAN.get(name, bool)(changes[name]))
    site.save(update_fields=[name for name in SITE_FIELDS if name in changes])
    record(Event("site.changed", "site", site.id, {"fields": sorted(changes)}), site_id=site.id, actor=actor)
    transaction.on_commit(forget_keys)
    transaction.on_commit(lambda: forget_judging(site_id))
    return site


@transaction.atomic
def change_policy(
    site_id: UUID,
    *,
    actor: Actor,
    settings: Mapping[str, Any] | None = None,
    lists: Mapping[str, str] | None = None,
    seen_version: int | None = None,
) -> PolicyVersion:
    """Put a new version of the policy in force, from the next comment on. What is not given stays.

    Raises `InvalidFields` for invalid settings or lists, `ActionNotPossible` when somebody else put a version
    in force after `seen_version`.
    """
    site = _lock_policy(site_id, seen_version)
    current = PolicyVersion.objects.get(site=site, version=site.policy_version)
    asked = {**settings_with(current.settings, current_defaults()), **(settings or {})}
    return _put_in_force(site, asked, {**lists_of(current), **(lists or {})}, actor)


@transaction.atomic
def restore_policy(
    site_id: UUID, version: int, *, actor: Actor, seen_version: int | None = None
) -> PolicyVersion:
    """Restore an old version of a site's policy, without anything that was changed later.

    The site's own deviations and lists are restored, on top of today's defaults. Raises `NotFound`,
    `InvalidFields` for settings that are invalid today, `ActionNotPossible` when somebody else put a version
    in force after `seen_version`.
    """
    site = _lock_policy(site_id, seen_version)
    old = PolicyVersion.objects.filter(site=site, version=version).first()
    if old is None:
        raise NotFound
    return _put_in_force(site, settings_with(old.settings, current_defaults()), lists_of(old), actor)


def lists_of(row: PolicyVersion) -> dict[str, str]:
    """The lists of a version, one entry per line."""
    return {name: getattr(row, name) for name in LIST_FIELDS}


def _lock_policy(site_id: UUID, seen_version: int | None) -> Site:
    site = Site.objects.select_for_update(no_key=True).get(id=site_id)
    if seen_version is not None and seen_version != site.policy_version:
        raise ActionNotPossible(STALE_POLICY)
    return site


def _put_in_force(
    site: Site, settings: Mapping[str, Any], lists: Mapping[str, str], actor: Actor
) -> PolicyVersion:
    """Check the whole settings, and store as the next version what differs from the defaults."""
    new = PolicyVersion(
        site=site,
        version=site.policy_version + 1,
        defaults_version=CURRENT_DEFAULTS,
        created_by_id=actor.user_id,
        **lists,
    )
    try:
        checked = read_settings(settings, new.version)
        new.settings = deviations_of(settings_of(checked), current_defaults())
        compile_ruleset(new)
    except ValueError as problem:
        raise InvalidFields([FieldError("settings", "invalid_policy", str(problem))]) from None
    new.save(force_insert=True)
    site.policy_version = new.version
    site.save(update_fields=["policy_version"])
    record(Event("policy.changed", "site", site.id, {"version": new.version}), site_id=site.id, actor=actor)
    transaction.on_commit(lambda: forget_judging(site.id))
    return new


@transaction.atomic
def change_thread(thread_id: UUID, *, site_id: UUID, is_open: bool | None, actor: Actor) -> Thread:
    """Open or close one thread, or let the site decide (None). Raises `NotFound`."""
    thread = Thread.objects.select_for_update(no_key=True).filter(id=thread_id, site_id=site_id).first()
    if thread is None:
        raise NotFound
    thread.is_open = is_open
    thread.version += 1
    thread.save(update_fields=["is_open", "version"])
    Thread.objects.filter(id=thread.id).update(changed_at=Now())
    record(Event("thread.changed", "thread", thread.id, {"is_open": is_open}), site_id=site_id, actor=actor)
    return thread


@transaction.atomic
def create_key(
    site_id: UUID, kind: KeyKind, *, actor: Actor, label: str = "", scopes: Sequence[Scope] = ()
) -> NewKey:
    """Create a key. A secret one is `cm_sk_<id>_<256 random bits>`; only its SHA-256 is stored. An Akismet
    key is drawn by `draw_akismet_key`, and always has the scopes that clients of that API need.
    """
    if kind == KeyKind.AKISMET:
        key, plain = draw_akismet_key(site_id)
        scopes = AKISMET_SCOPES
    else:
        key, plain = _draw_key(site_id, kind)
    key.label = label
    key.scopes = [scope.value for scope in scopes] if kind != KeyKind.PUBLIC else []
    key.save(force_insert=True)
    record(Event("key.created", "key", key.id, {"kind": kind.value}), site_id=site_id, actor=actor)
    return NewKey(key, plain)


def _draw_key(site_id: UUID, kind: KeyKind) -> tuple[SiteKey, str]:
    public_id = secrets.token_urlsafe(12).replace("_", "-")
    key = SiteKey(site_id=site_id, kind=kind, public_id=public_id)
    if kind == KeyKind.PUBLIC:
        return key, f"cm_pk_{public_id}"
    secret = secrets.token_urlsafe(32)
    key.secret_hash = hash_secret(secret)
    return key, f"cm_sk_{public_id}_{secret}"


def hash_secret(secret: str) -> bytes:
    """The SHA-256 of a secret key. That is enough for 256 random bits, which nobody can guess."""
    return hashlib.sha256(secret.encode()).digest()


@transaction.atomic
def revoke_key(key_id: UUID, *, site_id: UUID, actor: Actor) -> None:
    """Revoke a key for good. Raises `NotFound` for another site's key."""
    changed = SiteKey.objects.filter(id=key_id, site_id=site_id, revoked_at__isnull=True).update(
        revoked_at=Now(), sealed=""
    )
    if not changed:
        raise NotFound
    record(Event("key.revoked", "key", key_id), site_id=site_id, actor=actor)
    transaction.on_commit(forget_keys)


@transaction.atomic
def set_role(site_id: UUID, user: User, name: RoleName, *, actor: Actor, notify: str | None = None) -> Role:
    """Give a person a role on a site in place of their former one, and let them into the admin.

    Raises `ActionNotPossible` if the site would have no owner.
    """
    if name != RoleName.OWNER:
        _check_owner_stays(site_id, user.pk)
    values: dict[str, Any] = {"name": name} | ({"notify": notify} if notify is not None else {})
    role, _ = Role.objects.update_or_create(site_id=site_id, user=user, defaults=values)
    if not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])
    record(Event("role.set", "user", user.pk, {"role": name.value}), site_id=site_id, actor=actor)
    return role


@transaction.atomic
def remove_role(role_id: int, *, site_id: UUID, actor: Actor) -> None:
    """Remove a person's role on a site. Raises `NotFound` for another site's role, `ActionNotPossible` for
    that of the last owner.
    """
    role = Role.objects.filter(id=role_id, site_id=site_id).first()
    if role is None:
        raise NotFound
    _check_owner_stays(site_id, role.user_id)
    role.delete()
    record(Event("role.removed", "user", role.user_id), site_id=site_id, actor=actor)


@transaction.atomic
def change_notify(role_id: int, *, site_id: UUID, mode: NotifyMode, actor: Actor) -> None:
    """Change how a person is told of held comments. Raises `NotFound` for another site's role."""
    role = Role.objects.filter(id=role_id, site_id=site_id).first()
    if role is None:
        raise NotFound
    Role.objects.filter(id=role.id).update(notify=mode)
    event = Event("role.notify", "user", role.user_id, {"notify": mode.value})
    record(event, site_id=site_id, actor=actor)


def _check_owner_stays(site_id: UUID, user_id: int) -> None:
    """Refuse the removal of a site's only owner: only superusers could change the site then. Locks the
    owners.
    """
    owners = Role.objects.select_for_update().filter(site_id=site_id, name=RoleName.OWNER).order_by("id")
    if [role.user_id for role in owners] == [user_id]:
        raise ActionNotPossible("A site needs an owner: make somebody else one first.")
