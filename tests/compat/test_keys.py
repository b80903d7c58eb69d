"""Who calls a compatible service, and what the key allows."""

import pytest

from moderation.compat.keys import CompatCaller, find_caller
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import create_key, revoke_key
from moderation.models import Site
from moderation.models.key import KeyKind, Scope
from tests.builders import build_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return build_site()


def caller(site: Site, *scopes: Scope, kind: KeyKind = KeyKind.SECRET) -> CompatCaller:
    found = find_caller(create_key(site.id, kind, scopes=scopes, actor=SYSTEM).plain)
    assert found is not None
    return found


def test_the_key_decides_the_site(site: Site) -> None:
    other = build_site("The Other Paper", host="other.example")
    assert caller(other, Scope.SCORE).site == other
    assert caller(other, Scope.SCORE).judging.facts.site_id == str(other.id)


@pytest.mark.parametrize(
    ("scopes", "stores", "decides"),
    [
        ([Scope.SCORE], False, False),
        ([Scope.SUBMIT], True, False),
        ([Scope.SCORE, Scope.SUBMIT, Scope.DECIDE], True, True),
        ([Scope.SCORE, Scope.DECIDE], True, True),
        ([Scope.READ], True, False),
    ],
)
def test_only_a_key_that_may_only_score_stores_nothing(
    site: Site, scopes: list[Scope], stores: bool, decides: bool
) -> None:
    found = caller(site, *scopes)
    assert (found.may(Scope.SCORE), found.stores, found.may(Scope.DECIDE)) == (True, stores, decides)


def test_a_public_key_may_do_nothing_here(site: Site) -> None:
    public = caller(site, kind=KeyKind.PUBLIC)
    assert [scope for scope in Scope if public.may(scope)] == []
    assert public.stores is False


def test_wrong_and_revoked_keys_are_nobodys(site: Site) -> None:
    made = create_key(site.id, KeyKind.SECRET, scopes=[Scope.SCORE], actor=SYSTEM)
    assert find_caller(made.plain + "x") is None
    assert find_caller("") is None
    revoke_key(made.key.id, site_id=site.id, actor=SYSTEM)
    assert find_caller(made.plain) is None


def test_the_actor_is_the_key(site: Site) -> None:
    found = caller(site, Scope.DECIDE)
    assert (found.actor.kind, found.actor.key_id) == ("key", found.key.id)
