"""From a header to a caller: the key, its site, and its rights there."""

from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest
from rest_framework.exceptions import AuthenticationFailed

from moderation.flow.record import Actor
from moderation.models import Site, SiteKey
from moderation.models.key import KeyKind, Scope
from moderation.queries.keys import find_key


@dataclass(frozen=True)
class Caller:
    """Who sent this request."""

    key: SiteKey

    @property
    def site(self) -> Site:
        """The only site that this request can read or change."""
        return self.key.site

    @property
    def is_secret(self) -> bool:
        """Whether a server asks. A public key is part of pages, so anybody may have it."""
        return self.key.kind == KeyKind.SECRET

    @cached_property
    def scopes(self) -> frozenset[str]:
        """What the key may do. A public key may always submit, and nothing else."""
        return frozenset(self.key.scopes if self.is_secret else [Scope.SUBMIT])

    @property
    def sees_everything(self) -> bool:
        """Whether unpublished comments are shown."""
        return self.is_secret and not self.scopes.isdisjoint((Scope.READ, Scope.DECIDE))

    @property
    def actor(self) -> Actor:
        """The actor for the audit record."""
        return Actor("key", key_id=self.key.id)


def find_caller(request: HttpRequest) -> Caller | None:
    """Who sends `Authorization: Bearer <key>` or `X-Api-Key: <key>`; None if no key was sent.

    Missing, wrong and revoked keys look alike. Raises `AuthenticationFailed` for a wrong one.
    """
    sent = read_key(request)
    if sent is None:
        return None
    key = find_key(sent)
    if key is None:
        raise AuthenticationFailed
    return Caller(key)


def read_key(request: HttpRequest) -> str | None:
    """The key as it was sent; "" for another scheme, None if none was sent. Nothing is looked up."""
    authorization: str | None = request.META.get("HTTP_AUTHORIZATION")
    if authorization is None:
        return request.META.get("HTTP_X_API_KEY")
    scheme, _, key = authorization.partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""
