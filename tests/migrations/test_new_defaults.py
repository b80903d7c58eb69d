"""New defaults come to sites by a migration: a new version, the same deviations, the old one kept."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from moderation import migrations
from moderation.engine.verdict.defaults import CURRENT_DEFAULTS
from moderation.engine.verdict.policy_io import read_stored
from moderation.models import AuditEvent, PolicyVersion, Site
from moderation.queries.site_facts import policies_of
from tests.builders import build_site
from tests.migrations.finding import find_migration

migration = find_migration("a_cap_for_each_family")


@pytest.fixture
def old_site(db: None) -> Site:
    site = build_site()
    PolicyVersion.objects.filter(site=site).update(
        settings={"hold_at": 2.0}, blocked_words="rhubarb", defaults_version=1
    )
    return site


def test_a_site_gets_the_new_defaults_and_keeps_what_it_changed(old_site: Site) -> None:
    new_site = build_site("New", host="new.example")
    for _ in range(2):
        migration.move_to_new_defaults(apps, None)
        old_site.refresh_from_db()
        assert old_site.policy_version == 2
    first, second = PolicyVersion.objects.filter(site=old_site).order_by("version")
    assert (first.defaults_version, second.defaults_version) == (1, migration.DEFAULTS_VERSION)
    assert (second.settings, second.blocked_words) == ({"hold_at": 2.0}, "rhubarb")
    assert policies_of([old_site.id])[old_site.id].family_caps["model"] == 9.0
    assert "model" not in read_stored(first.settings, 1, first.defaults_version).family_caps
    (event,) = AuditEvent.objects.filter(kind="policy.changed", site=old_site)
    assert event.data == {"version": 2}
    new_site.refresh_from_db()
    assert new_site.policy_version == 1


def test_the_latest_defaults_have_such_a_migration() -> None:
    names = sorted(path.stem for path in Path(migrations.__path__[0]).glob("[0-9]*.py"))
    modules: list[Any] = [import_module(f"moderation.migrations.{name}") for name in names]
    moved = [module.DEFAULTS_VERSION for module in modules if hasattr(module, "DEFAULTS_VERSION")]
    assert max(moved) == CURRENT_DEFAULTS
