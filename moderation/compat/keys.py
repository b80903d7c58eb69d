"""Who calls a compatible service: the key decides the site."""

from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from uuid import UUID

from django.conf import settings

from moderation.compat.score_keys import ScoreKey, ScoreKeyRing
from moderation.engine.facts import SiteFacts
from moderation.engine.rules.site_rules import SiteRules
from moderation.engine.verdict.policy_io import default_policy
from moderation.flow.record import Actor
from moderation.models import Site, SiteKey
from moderation.models.key import KeyKind, Scope
from moderation.queries.judging_memory import judging_site
from moderation.queries.keys import find_key
from moderation.queries.site_facts import JudgingSite

_NO_SITE = UUID(int=0)


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
    def is_server(self) -> bool:
        """Whether a server calls. A public key is part of pages, so anybody may have it."""
        return self.key.kind != KeyKind.PUBLIC

    @property
    def stores(self) -> bool:
        """Whether texts may be stored as comments of the site: not for a key that may only score."""
        return any(self.may(scope) for scope in Scope if scope != Scope.SCORE)

    def may(self, scope: Scope) -> bool:
        """Whether the key has the scope. Every other key may score; a public key may do nothing here, since
        anybody may have it.
        """
        return self.is_server and (scope == Scope.SCORE or scope in self.key.scopes)

    @property
    def actor(self) -> Actor:
        """The actor for the audit record."""
        return Actor("key", key_id=self.key.id)


class ScoreOnlyCaller(CompatCaller):
    """A key of the scoring server, where one site without a row judges by the default policy."""

    @cached_property
    def judging(self) -> JudgingSite:
        """The same for all."""
        return _default_judging()


def find_caller(text: str) -> CompatCaller | None:
    """The caller with the valid key `text`; None for any other text.

    A key that was valid within the last `KEY_MEMORY_S` seconds is not looked up again. The scoring server has
    a ring of keys in its settings and no database.
    """
    ring: ScoreKeyRing | None = getattr(settings, "SCORE_KEY_RING", None)
    if ring is not None:
        known = ring.find(text)
        return ScoreOnlyCaller(_as_row(known)) if known else None
    key = find_key(text)
    return CompatCaller(key) if key else None


@lru_cache(maxsize=1024)
def _as_row(key: ScoreKey) -> SiteKey:
    """The key as a row that no table holds. Threads share the object: do not change it."""
    site = Site(id=_NO_SITE, name="Scoring server", slug="score")
    return SiteKey(
        kind=KeyKind.SECRET,
        label=key.label,
        public_id=key.digest[:16],  # by which its calls are counted
        scopes=[Scope.SCORE.value],
        site=site,
    )


@cache
def _default_judging() -> JudgingSite:
    return JudgingSite(SiteFacts(site_id=str(_NO_SITE)), default_policy(), SiteRules())
