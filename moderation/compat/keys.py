"""Who calls a compatible service: the key decides the site."""

from dataclasses import dataclass
from functools import cached_property

from moderation.flow.record import Actor
from moderation.models import Site, SiteKey
from moderation.models.key import KeyKind, Scope
from moderation.queries.judging_memory import judging_site
from moderation.queries.keys import find_key
from moderation.queries.site_facts import JudgingSite


@dataclass(frozen=True)
class CompatCaller:
    """The key of a call, and its site: the only one that the call can have judged or changed."""

    key: SiteKey

    @property
    def site(self) -> Site:
        """The site of the key."""
        return self.key.site

    @cached_property
    def judging(self) -> JudgingSite:
        """What the site judges by, at most a second old."""
        return judging_site(self.site.id)

    @property
    def stores(self) -> bool:
        """Whether texts may be stored as comments of the site: not for a key that may only score."""
        return any(self.may(scope) for scope in Scope if scope != Scope.SCORE)

    def may(self, scope: Scope) -> bool:
        """Whether the key has the scope. Every other key may score; a public key may do nothing here, since
        anybody may have it.
        """
        if self.key.kind == KeyKind.PUBLIC:
            return False
        return scope == Scope.SCORE or scope in self.key.scopes

    @property
    def actor(self) -> Actor:
        """The actor for the audit record."""
        return Actor("key", key_id=self.key.id)


def find_caller(text: str) -> CompatCaller | None:
    """The caller with the valid key `text`; None for any other text.

    A key that was valid within the last `KEY_MEMORY_S` seconds is not looked up again.
    """
    key = find_key(text)
    return CompatCaller(key) if key else None
