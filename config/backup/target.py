"""The database that a backup is restored into: what it contains, who uses it, and how it is emptied."""

from collections.abc import Collection

from django.db import connection
from psycopg import sql

from config.backup.archive import UnusableBackup

# A database that `migrate` has prepared holds rows in other tables, but none in these.
_TELLING_TABLES = ("site", "comment", "auth_user", "audit_event")


def check_target(known_tables: Collection[str], *, replace: str) -> None:
    """Raise UnusableBackup unless this database is unused, ours, and empty or named by `replace`."""
    name = str(connection.settings_dict["NAME"])
    if replace and replace != name:
        raise UnusableBackup(f"--replace names {replace!r}, but the database is {name!r}.")
    sessions = _count_other_sessions()
    if sessions:
        raise UnusableBackup(
            f"The service is running on this database ({sessions} connections). Stop it first: what it wrote "
            "during the restoration would be lost."
        )
    tables = set(connection.introspection.table_names())
    foreign = tables - set(known_tables) - set(connection.introspection.django_table_names())
    foreign.discard("django_migrations")
    if foreign:
        raise UnusableBackup(
            f"The database {name!r} holds tables of something else: {', '.join(sorted(foreign)[:5])}. Use "
            "another database."
        )
    filled = [table for table in _TELLING_TABLES if table in tables and _has_rows(table)]
    if filled and not replace:
        raise UnusableBackup(
            f"The database {name!r} is not empty: there are rows in {', '.join(filled)}. To throw away "
            f"what is in it, give --replace {name}"
        )


def emptying_statements() -> str:
    """SQL that drops all tables and functions of the database's schema; for the restoring transaction."""
    with connection.cursor() as cursor:
        tables = [sql.Identifier(table) for table in connection.introspection.table_names(cursor)]
        cursor.execute(
            "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = current_schema()::regnamespace "
            "AND pg_get_userbyid(proowner) = current_user AND NOT EXISTS "
            "(SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')"
        )
        functions = [row[0] for row in cursor.fetchall()]
    drops = [sql.SQL("DROP TABLE {} CASCADE;\n").format(table).as_string() for table in tables]
    return "".join(drops) + "".join(f"DROP FUNCTION {function} CASCADE;\n" for function in functions)


def deleting_statements(tables: Collection[str]) -> str:
    """SQL that deletes all rows of these tables; for the end of the restoring transaction."""
    delete = sql.SQL("DELETE FROM public.{};\n")
    return "".join(delete.format(sql.Identifier(table)).as_string() for table in sorted(tables))


def checking_statements(rows: dict[str, int]) -> str:
    """SQL that fails unless each table has the given number of rows; for the end of the restoring
    transaction.
    """
    check = sql.SQL(
        "SELECT count(*) INTO found FROM public.{};\nIF found <> {} THEN "
        "RAISE EXCEPTION 'rows of %: % instead of %', {}, found, {}; END IF;\n"
    )
    checks = [
        check.format(sql.Identifier(table), int(count), table, int(count)).as_string()
        for table, count in rows.items()
    ]
    body = "".join(checks)
    return f"DO $rows$ DECLARE found bigint; BEGIN\n{body}END $rows$;\n"


def _count_other_sessions() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND application_name = 'moderation' AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def _has_rows(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT FROM {connection.ops.quote_name(table)})")  # noqa: S608 - quoted
        return bool(cursor.fetchone()[0])
