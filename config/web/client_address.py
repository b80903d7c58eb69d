"""The address of the client, for the lock-out after failed logins, as far as our proxies confirm it."""

from django.conf import settings
from django.http import HttpRequest

from moderation.lib.client_ip import client_ip, household


def client_address(request: HttpRequest) -> str:
    """The client's address, from the right of X-Forwarded-For as far as TRUSTED_PROXIES says.

    In IPv6 the whole network counts as one client, because each attempt could come from another address.
    """
    address = client_ip(
        request.META.get("REMOTE_ADDR", ""),
        request.headers.get("X-Forwarded-For", ""),
        trusted_proxies=settings.TRUSTED_PROXIES,
    )
    return household(address)
