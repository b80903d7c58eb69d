"""Changes to a site's remote services, with audit events. Every change is a new version, except for keys."""

import re
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.conf import settings as operator
from django.db import transaction

from moderation.domain.errors import ActionNotPossible, FieldError, InvalidFields, NotFound
from moderation.domain.remote import (
    LEAST_TIME_LIMIT_S,
    LONGEST_KEY,
    LONGEST_MODEL,
    LONGEST_POLICY,
    LONGEST_URL,
    MOST_BUDGET,
    MOST_TIME_LIMIT_S,
    RemoteKind,
    ServiceSettings,
    settings_from_json,
)
from moderation.flow.record import Actor, Event, record
from moderation.lib.origins import clean_base_url, origin_of
from moderation.models import RemoteService, RemoteServiceVersion, Site
from moderation.privacy import vault

STALE_SERVICE = "Somebody else changed this service in the meantime."
_KEY = re.compile(r"[!-~]+")


@transaction.atomic
def change_service(
    site_id: UUID,
    kind: RemoteKind,
    settings: ServiceSettings,
    *,
    actor: Actor,
    seen_version: int,
    key: str = "",
    forgets_key: bool = False,
) -> RemoteServiceVersion:
    """Put new settings in force; they apply from the next comment on. Without `key` the stored key stays.

    A stored key is dropped when the host changes, so that it is never sent to another host by mistake. Raises
    `InvalidFields`, or `ActionNotPossible` when somebody else made a change after `seen_version`.
    """
    site = Site.objects.select_for_update(no_key=True).get(id=site_id)
    service = _lock_service(site, kind, seen_version)
    settings = clean_settings(kind, settings)
    if key and not (len(key) <= LONGEST_KEY and _KEY.fullmatch(key)):
        raise InvalidFields([FieldError("key", "invalid", "A key has no spaces and only plain letters.")])
    if key:
        service.sealed_key = vault.seal_secret(key, site_id=site.id, row_id=service.id)
    elif forgets_key or _moves_elsewhere(service, settings):
        service.sealed_key = ""
    if settings.is_on and kind == RemoteKind.AKISMET and not service.sealed_key:
        raise InvalidFields([FieldError("key", "required", "Akismet needs a key for this host.")])
    what = "set" if key else "kept" if service.sealed_key else "none"
    return _write(site, service, settings, actor=actor, key=what)


@transaction.atomic
def restore_service_version(
    site_id: UUID, kind: RemoteKind, version: int, *, actor: Actor, seen_version: int
) -> RemoteServiceVersion:
    """Put the settings of a former version in force again, as a new version; the key stays as it is now.

    Raises `NotFound`, and whatever `change_service` raises: the old settings may be forbidden now.
    """
    former = RemoteServiceVersion.objects.filter(site_id=site_id, service__kind=kind, version=version).first()
    if former is None:
        raise NotFound
    settings = settings_from_json(former.settings)
    return change_service(site_id, kind, settings, actor=actor, seen_version=seen_version)


def clean_settings(kind: RemoteKind, settings: ServiceSettings) -> ServiceSettings:
    """Settings within bounds and valid for `kind`, with a host that the operator allows. Raises
    `InvalidFields`.
    """
    settings = replace(
        settings,
        base_url=_clean_address(settings.base_url),
        model=settings.model.strip(),
        policy_text=settings.policy_text.strip(),
    )
    problems = [*_out_of_bounds(settings)]
    if kind == RemoteKind.POLICY_MODEL:
        settings = replace(settings, sends_email=False, is_test=False)
        problems += _missing(settings) if settings.is_on else []
    else:
        settings = replace(settings, model="", policy_text="")
    if problems:
        raise InvalidFields(problems)
    return settings


def _clean_address(base_url: str) -> str:
    allowed = ", ".join(sorted(operator.REMOTE_CHECK_ORIGINS)) or "none"
    try:
        address = clean_base_url(base_url)
        is_allowed = len(address) <= LONGEST_URL and origin_of(address) in operator.REMOTE_CHECK_ORIGINS
    except ValueError:
        is_allowed = False
    if not is_allowed:
        message = f"The operator of this service allows these hosts: {allowed}."
        raise InvalidFields([FieldError("base_url", "not_allowed", message)])
    return address


def _out_of_bounds(settings: ServiceSettings) -> Sequence[FieldError]:
    found = []
    if not 0 <= settings.daily_budget <= MOST_BUDGET:
        found.append(FieldError("daily_budget", "invalid", f"Give a number up to {MOST_BUDGET:,}."))
    if not LEAST_TIME_LIMIT_S <= settings.time_limit_s <= MOST_TIME_LIMIT_S:
        message = f"Give {LEAST_TIME_LIMIT_S} to {MOST_TIME_LIMIT_S} seconds."
        found.append(FieldError("time_limit_s", "invalid", message))
    for name, text, most in (
        ("model", settings.model, LONGEST_MODEL),
        ("policy_text", settings.policy_text, LONGEST_POLICY),
    ):
        if len(text) > most or "\x00" in text:
            found.append(FieldError(name, "invalid", f"Give at most {most:,} characters."))
    return found


def _missing(settings: ServiceSettings) -> Sequence[FieldError]:
    wanted = {"model": "Name the model that is to be asked.", "policy_text": "Say what breaks your policy."}
    empty = [name for name in wanted if not getattr(settings, name)]
    return [FieldError(name, "required", wanted[name]) for name in empty]


def _lock_service(site: Site, kind: RemoteKind, seen_version: int) -> RemoteService:
    service = RemoteService.objects.select_for_update(no_key=True).filter(site=site, kind=kind).first()
    if (service.version if service else 0) != seen_version:
        raise ActionNotPossible(STALE_SERVICE)
    return service or RemoteService(site=site, kind=kind)


def _moves_elsewhere(service: RemoteService, settings: ServiceSettings) -> bool:
    before = RemoteServiceVersion.objects.filter(service_id=service.id, version=service.version).first()
    return before is not None and origin_of(before.settings["base_url"]) != origin_of(settings.base_url)


def _write(
    site: Site, service: RemoteService, settings: ServiceSettings, *, actor: Actor, key: str
) -> RemoteServiceVersion:
    """Store the next version. An open breaker closes, because the change may have fixed the trouble."""
    service.version += 1
    service.failures, service.paused_until = 0, None
    if service.version == 1:
        service.save(force_insert=True)
    else:
        service.save(update_fields=["version", "sealed_key", "failures", "paused_until"])
    new = RemoteServiceVersion.objects.create(
        site=site,
        service=service,
        version=service.version,
        settings=settings.to_json(),
        created_by_id=actor.user_id,
    )
    site.remote_version += 1
    site.save(update_fields=["remote_version"])
    data = {
        "version": new.version,
        "service": service.kind,
        "host": origin_of(settings.base_url),
        "is_on": settings.is_on,
        "sends_email": settings.sends_email,
        "on_failure": settings.on_failure.value,
        "key": key,
    }
    record(Event("remote.changed", "service", service.id, data), site_id=site.id, actor=actor)
    return new
