"""Django system checks that catch settings which contradict each other."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as DoubtfulSetting
from django.http.request import validate_host

from moderation.lib import failpoints


@register(Tags.security, deploy=True)
def check_debug_is_off(app_configs: Sequence[Any] | None, **_: object) -> list[CheckMessage]:
    """Check that DEBUG is off: it shows readers' input and secrets to anybody who causes an error."""
    if settings.IS_PRODUCTION and settings.DEBUG:
        return [
            Error("DEBUG is on in production.", hint="Remove DEBUG from the environment.", id="config.E001")
        ]
    return []


@register(Tags.urls)
def check_public_url(app_configs: Sequence[Any] | None, **_: object) -> list[CheckMessage]:
    """Check that links in mails lead to a host that answers, and in production over TLS."""
    found: list[CheckMessage] = []
    address = urlsplit(settings.PUBLIC_URL)
    if not address.hostname or address.path or address.query:
        found.append(Error("PUBLIC_URL must be a scheme and a host, without a path.", id="config.E002"))
    elif not validate_host(address.hostname, settings.ALLOWED_HOSTS):
        hint = "Add the host of PUBLIC_URL to ALLOWED_HOSTS."
        found.append(Error("ALLOWED_HOSTS refuses the host of PUBLIC_URL.", hint=hint, id="config.E003"))
    if settings.IS_PRODUCTION and address.scheme != "https":
        hint = "Sessions and the __Host- cookies need TLS."
        found.append(Error("PUBLIC_URL must start with https:// in production.", hint=hint, id="config.E004"))
    return found


@register(Tags.security, deploy=True)
def check_second_factor(app_configs: Sequence[Any] | None, **_: object) -> list[CheckMessage]:
    """Check that a second factor is required: moderators may reveal addresses, so a password alone is too
    little.
    """
    if settings.IS_PRODUCTION and not settings.REQUIRE_SECOND_FACTOR:
        return [DoubtfulSetting("REQUIRE_SECOND_FACTOR is off in production.", id="config.W001")]
    return []


@register(deploy=True)
def check_broker(app_configs: Sequence[Any] | None, **_: object) -> list[CheckMessage]:
    """Check that there is a broker: without one run_jobs does all the work alone, half a second late."""
    if not settings.REDIS_URL:
        hint = "Set REDIS_URL to a Valkey or Redis with maxmemory-policy noeviction."
        return [DoubtfulSetting("There is no broker: workers stay idle.", hint=hint, id="config.W002")]
    return []


@register(Tags.security)
def check_failpoints_are_off(app_configs: Sequence[Any] | None, **_: object) -> list[CheckMessage]:
    """Check that failpoints are off: anybody who can write into their folder can end our processes."""
    if not failpoints.is_armed():
        return []
    message, hint = "Failpoints are switched on.", "Remove FAILPOINTS from the environment."
    kind = Error if settings.IS_PRODUCTION else DoubtfulSetting
    return [kind(message, hint=hint, id="config.E005" if settings.IS_PRODUCTION else "config.W003")]
