"""What is kept per process: sites push one another out, also in the middle of a load, and nobody notices."""

from collections.abc import Callable
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from pytest_django.fixtures import Settings

from moderation.domain.remote import RemoteKind
from moderation.language.site_filter.shared_model import feature_version
from moderation.lib.version_cache import VersionCache
from moderation.models import Site, SiteFilter
from moderation.queries import remote_reports as remote
from moderation.queries import rules, site_facts, site_filters
from moderation.queries.contexts import build_contexts
from moderation.queries.rules import load_rules
from moderation.queries.site_facts import load_sites
from moderation.queries.site_filters import load_filters
from tests.builders import build_site, submit
from tests.fake_services import use_service
from tests.flow.comments.test_races import run_beside
from tests.rules import make_rule

pytestmark = pytest.mark.django_db(transaction=True)

NOBODY_ASKS = "http://127.0.0.1:9"


@pytest.fixture
def interrupt(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Keeps one site only; a thread loads another one after the given call of `module.name`."""

    def prepare(module: ModuleType, name: str, other: Callable[[], object], *, after_call: int = 1) -> None:
        original = getattr(module, name)
        calls = 0

        def call(*arguments: Any) -> Any:
            nonlocal calls
            calls += 1
            found = original(*arguments)
            if calls == after_call:
                run_beside(other).join(10)
            return found

        monkeypatch.setattr(module, "_kept", VersionCache(1))
        monkeypatch.setattr(module, name, call)

    return prepare


@pytest.fixture
def sites() -> tuple[Site, Site]:
    return build_site(), build_site("The Morning Post", host="post.example")


def test_policies_and_lists_stay_in_the_hand_of_who_asked(sites: tuple[Site, Site], interrupt: Any) -> None:
    site, other = sites
    interrupt(site_facts, "load_rules", lambda: load_sites([other.id]))
    found = load_sites([site.id])[site.id]
    assert found.facts.site_id == str(site.id)
    assert found.policy.version == site.policy_version


def test_rules_never_go_missing(sites: tuple[Site, Site], interrupt: Any) -> None:
    for each in sites:
        make_rule(each)
        each.refresh_from_db()
    site, other = sites
    interrupt(rules, "compile_versions", lambda: load_rules([other]), after_call=2)
    assert {site_id: len(found.rules) for site_id, found in load_rules(sites).items()} == {
        site.id: 1,
        other.id: 1,
    }


def test_filters_never_go_missing(sites: tuple[Site, Site], interrupt: Any) -> None:
    for each in sites:
        SiteFilter.objects.create(site=each, version=1, feature_version=feature_version())
    ids = {each.id for each in sites}
    interrupt(site_filters, "read_filter", lambda: load_filters([sites[1].id]), after_call=2)
    assert load_filters(ids).keys() == ids


def test_outside_services_never_go_missing(
    sites: tuple[Site, Site], settings: Settings, interrupt: Any
) -> None:
    def load(comment_id: UUID) -> Any:
        (subject,) = build_contexts([comment_id])
        return subject.context.remote.services

    settings.REMOTE_CHECK_ORIGINS |= {NOBODY_ASKS}
    for each in sites:
        use_service(each, NOBODY_ASKS, RemoteKind.AKISMET)
    first, second = submit(sites[0]), submit(sites[1], url="https://post.example/a", ip="203.0.113.77")
    interrupt(remote, "_reports", lambda: load(second.id))
    assert len(load(first.id)) == 1
