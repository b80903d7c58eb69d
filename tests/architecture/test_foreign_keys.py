"""Every reference is kept by the database, and within its site."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from moderation.models import AuditEvent, Site
from tests.builders import build_site, submit_screened


def references() -> list[tuple[type[models.Model], "models.ForeignKey[models.Model, models.Model]"]]:
    return [
        (model, field)
        for model in apps.get_app_config("moderation").get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
    ]


def composite_keys(table: str) -> set[str]:
    """The columns that are tied to a row of the same site. A revision's key ties its comment, too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = %s::regclass AND contype = 'f'",
            [table],
        )
        found = [row[0] for row in cursor.fetchall()]
    start = "FOREIGN KEY (site_id, "
    tied = [text.removeprefix(start).partition(")")[0] for text in found if text.startswith(start)]
    return {column for columns in tied for column in columns.split(", ")}


def test_a_reference_within_a_site_has_a_composite_key(db: None):
    with_site = {model for model, field in references() if field.name == "site"}
    wanted = [
        (model, field)
        for model, field in references()
        if model in with_site and field.remote_field.model in with_site
    ]
    # These two have plain foreign keys: an id of another site could not be seen through them.
    excused = {("decision", "actor_key_id"), ("decision", "reverses_id")}
    missing = {
        (model._meta.db_table, field.column)
        for model, field in wanted
        if field.column not in composite_keys(model._meta.db_table)
    }
    assert missing == excused
    assert len(wanted) > 15


def test_a_field_without_a_foreign_key_of_its_own_is_tied_by_another(db: None):
    for model, field in references():
        if model is AuditEvent:  # the record outlives what it is about
            continue
        if field.db_constraint:  # type: ignore[attr-defined]  # the stubs do not know it
            continue
        tied = composite_keys(model._meta.db_table)
        assert tied if field.remote_field.model is Site else field.column in tied, (model, field.name)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("screening", "revision_id"),
        ("decision", "revision_id"),
        ("comment", "current_revision_id"),
        ("comment", "published_revision_id"),
    ],
)
def test_the_database_refuses_a_revision_of_another_comment(db: None, table: str, column: str):
    site = build_site()
    one = submit_screened(site, "The bakery is open again.")
    other = submit_screened(site, "The river is high today.")
    key = "id" if table == "comment" else "comment_id"
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        swap = f"UPDATE {table} SET {column} = %s WHERE {key} = %s"
        with pytest.raises(IntegrityError, match=f"{table}_{column}_of_comment"), transaction.atomic():
            cursor.execute(swap, [other.current_revision_id, one.id])
