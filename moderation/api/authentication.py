"""From a header to a caller: the key, its site, and what it may do there."""

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
    """Whose request this is."""

    key: SiteKey

    @property
    def site(self) -> Site:
        """The only site that this request can see or touch."""
        return self.key.site

    @property
    def is_secret(self) -> bool:
        """Whether a server asks; a public key stands in pages, so anybody may hold it."""
        return self.key.kind == KeyKind.SECRET

    @cached_property
    def scopes(self) -> frozenset[str]:
        """What the key may do; a public one may submit, always and only."""
        return frozenset(self.key.scopes if self.is_secret else [Scope.SUBMIT])

    @property
    def sees_everything(self) -> bool:
        """Whether unpublished comments are shown."""
        return self.is_secret and not self.scopes.isdisjoint((Scope.READ, Scope.DECIDE))

    @property
    def actor(self) -> Actor:
        """Who acts, for the record."""
        return Actor("key", key_id=self.key.id)


def find_caller(request: HttpRequest) -> Caller | None:
    """Who sends `Authorization: Bearer <key>` or `X-Api-Key: <key>`; None where no key was sent.

    Missing, wrong and revoked look alike. Raises `AuthenticationFailed` for a wrong one.
    """
    sent = read_key(request)
    if sent is None:
        return None
    key = find_key(sent)
    if key is None:
        raise AuthenticationFailed
    return Caller(key)


def read_key(request: HttpRequest) -> str | None:
    """The key as it was sent; "" for another scheme, None where none was sent. Nothing is looked up."""
    authorization: str | None = request.META.get("HTTP_AUTHORIZATION")
    if authorization is None:
        return request.META.get("HTTP_X_API_KEY")
    scheme, _, key = authorization.partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""
