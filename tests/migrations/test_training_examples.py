"""A migration: the tables of the learned filters are renamed, there and back, and no filter is lost."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from moderation.domain.signals import Axis
from moderation.models import DomainLabel, Site, SiteFilter, StoredExample
from moderation.queries.site_filters import read_filter
from tests.builders import build_site
from tests.migrations.finding import find_migration

migration = find_migration("training_examples")

pytestmark = pytest.mark.django_db

BLEND = {"scale": 1.0, "facts": 0.5, "words": 0.5, "shift": 0.0}
FORMER_AXES = {
    "abuse": {
        "speaks": True,
        "lessons": 131,
        "blend": BLEND,
        "running": {"count": 127, "site": 0.91, "shared": None, "is_on": False},
    },
    "spam": {
        "speaks": False,
        "lessons": 3,
        "blend": BLEND,
        "running": {"count": 3, "site": None, "shared": None, "is_on": True},
    },
}
DAMAGED: list[Any] = [{}, [], "x", {"abuse": []}, {"abuse": {"speaks": True}}, {"spam": {"running": 3}}]


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def names() -> list[str]:
    """Of all constraints, indexes, sequences and tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint UNION SELECT relname FROM pg_class "
            "WHERE relnamespace = 'public'::regnamespace ORDER BY 1"
        )
        return [row[0] for row in cursor.fetchall()]


def former_names() -> list[str]:
    return [name for name in names() if name.startswith(("lesson", "domain_lesson"))]


@pytest.fixture
def site() -> Iterator[Site]:
    yield build_site()
    run("SET CONSTRAINTS ALL DEFERRED")


def migrate_to(name: str) -> None:
    run("SET CONSTRAINTS ALL IMMEDIATE")
    executor = MigrationExecutor(connection)
    (target,) = [
        key for key in executor.loader.graph.nodes if key[0] == "moderation" and key[1].endswith(name)
    ]
    executor.migrate([target])


def test_nothing_keeps_its_former_name() -> None:
    assert former_names() == []
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_it_goes_back_and_forth_and_may_run_again(site: Site) -> None:
    SiteFilter.objects.create(site=site, version=1, example_count=134)
    migrate_to("_training_examples")
    there = names()
    migrate_to("0015_job_heartbeat")
    assert {"lesson", "domain_lesson", "lesson_by_site", "domain_lesson_once"} <= set(former_names())
    assert not [name for name in names() if name.startswith(("training_example", "domain_label"))]
    migrate_to("_training_examples")
    for sql in (each.sql for each in migration.Migration.operations if hasattr(each, "sql")):
        run(sql)
    assert names() == there
    assert SiteFilter.objects.get().example_count == 134
    assert not StoredExample.objects.exists()
    assert not DomainLabel.objects.exists()


def test_what_a_filter_stored_is_read_as_before(site: Site) -> None:
    SiteFilter.objects.create(site=site, version=1, axes=FORMER_AXES)
    for _ in range(2):
        run(migration.AXES_SQL)
        found = read_filter(SiteFilter.objects.get())
        assert not found.is_broken
        abuse, spam = found.on(Axis.ABUSE), found.on(Axis.SPAM)
        assert (abuse.example_count, spam.example_count, spam.weights) == (131, 3, None)
        assert (abuse.validation.count, abuse.validation.site_auc, abuse.validation.is_on) == (
            127,
            0.91,
            False,
        )
    for _ in range(2):
        run(migration.FORMER_AXES_SQL)
        assert SiteFilter.objects.get().axes == FORMER_AXES


@pytest.mark.parametrize("axes", DAMAGED, ids=str)
def test_what_cannot_be_read_stays_as_it_is(site: Site, axes: Any) -> None:
    SiteFilter.objects.create(site=site, version=1, axes=axes)
    run(migration.AXES_SQL)
    run(migration.FORMER_AXES_SQL)
    assert SiteFilter.objects.get().axes == axes
