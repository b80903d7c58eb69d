"""What all tests share: private throw-away servers, and which tests run by default."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.db.backends.postgresql.operations import DatabaseOperations
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]

from config.local.servers import Servers
from config.problems import CannotStart
from moderation.clients.rates import LocalRates
from tests import leftovers

_SERVERS = pytest.StashKey[Servers]()
SELECTED_BY_ALL = ("slow", "browser", "faults", "fuzz", "foreign")

# How long a machine takes to draw or to try an example says nothing about the service.
hypothesis.settings.register_profile(
    "any machine",
    hypothesis.settings(),
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("any machine")
pytest_plugins = ["tests.stack", "tests.faults.armed", "tests.floors"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help=f"also run tests marked {', '.join(SELECTED_BY_ALL)}")


def pytest_configure(config: pytest.Config) -> None:
    """Start servers of this run's own; pytest-xdist's workers use those of the process that started them."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    given = {"database": "DATABASE_URL", "broker": "REDIS_URL"}
    needed = [name for name, variable in given.items() if not os.environ.get(variable)]
    var = Path(os.environ["VAR_DIR"])
    leftovers.remove_dead_runs(var.parent)
    servers = Servers.of(var, is_fast=True)
    config.stash[_SERVERS] = servers
    try:
        servers.start(dies_with_parent=True, only=needed)
    except CannotStart as problem:
        pytest.exit(str(problem), returncode=1)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers of this run and remove what they wrote."""
    servers = config.stash.get(_SERVERS, None)
    if servers is not None:
        leftovers.remove_run(servers.var, servers)


@pytest.fixture(scope="session", autouse=True)
def flush_deletes_rows_and_empties_the_audit_record() -> Iterator[None]:
    """Between tests that commit, Django truncates all tables; the audit record refuses that to everybody.

    Tests leave a few rows in each table: deleting those takes a tenth of the time that truncating takes,
    which makes new files for every table and index.
    """
    sql_flush = DatabaseOperations.sql_flush

    def flush_all(self: Any, style: Any, tables: Any, **options: Any) -> list[str]:
        audit = [table for table in tables if table.startswith("audit_")]
        switch = "ALTER TABLE {} {} TRIGGER USER"
        if options.get("reset_sequences"):
            emptying = sql_flush(self, style, tables, **options)
        else:
            emptying = [f"DELETE FROM {self.quote_name(table)}" for table in tables]
        return [
            *(switch.format(table, "DISABLE") for table in audit),
            *emptying,
            "SET CONSTRAINTS ALL IMMEDIATE",  # checks that wait would keep the triggers from being enabled
            *(switch.format(table, "ENABLE") for table in audit),
        ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", flush_all)
        yield


@pytest.fixture(scope="session", autouse=True)
def static_files_are_looked_for_once() -> Iterator[None]:
    """Every new test client builds all middleware, and WhiteNoise would look at each static file anew."""
    look = WhiteNoiseMiddleware.add_files_from_finders
    known: dict[tuple[object, ...], dict[str, Any]] = {}

    def add_files_from_finders(self: Any) -> None:
        key = (self.static_prefix, self.max_age, self.charset)
        if key not in known:
            look(self)
            known[key] = dict(self.files)
        self.files.update(known[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", add_files_from_finders)
        yield


@pytest.fixture(autouse=True)
def nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """No comment is drawn for the sample by chance: what tests see does not hang on random ids."""
    monkeypatch.setattr("moderation.privacy.vault.draw_number", lambda *_, **__: 1.0)


@pytest.fixture
def one_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network may read once, and from then on waits."""
    monkeypatch.setattr("moderation.queries.read_rate.NETWORK_CAPACITY", 1)
    rates = LocalRates()
    monkeypatch.setattr("moderation.queries.read_rate.get_rates", lambda: rates)


@pytest.fixture
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies in memory are trusted for longer than a test may take on a busy machine."""
    for name in ("TRUST_FOR_S", "BELIEVE_KEY_FOR_S", "RECHECK_KEY_AFTER_S"):
        monkeypatch.setattr(f"moderation.queries.page_freshness.{name}", 600.0)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes long, unless `--all`, a marker expression or a test's own name asks for it."""
    if config.option.all or config.option.markexpr or any("::" in argument for argument in config.args):
        return
    left_out = [item for item in items if any(item.get_closest_marker(name) for name in SELECTED_BY_ALL)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
