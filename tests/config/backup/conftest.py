"""A service with something to lose, its backup, and an empty database for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axes.models import AccessAttempt
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from moderation.flow.keeping.seal import find_settled_id, seal_step
from moderation.models import Site
from tests.builders import build_moderator, build_site, submit, submit_screened
from tests.config.backup.files import ADDRESSES, OLD, back_up


@pytest.fixture
def site(settings: Settings) -> Site:
    """A site with published and waiting comments, a session, a failed log-in, a sealed record."""
    settings.EMAIL_KEYS = [OLD]
    site = build_site()
    for number, address in enumerate(ADDRESSES[:3]):
        submit_screened(site, f"Remark {number} about the bridge over the river.", email=address)
    for number, address in enumerate(ADDRESSES[3:]):
        submit(site, f"Remark {number} about the market on the square.", email=address)
    Client().force_login(build_moderator([site]), backend="django.contrib.auth.backends.ModelBackend")
    AccessAttempt.objects.create(username="nobody-s-account", ip_address="192.0.2.99", failures_since_start=1)
    assert seal_step(find_settled_id()) > 6
    return site


@pytest.fixture
def backup(site: Site, tmp_path: Path) -> Path:
    back_up(tmp_path / "a.backup")
    return tmp_path / "a.backup"


@pytest.fixture
def empty_database(site: Site) -> Iterator[str]:
    """Django's connection leads to a new, empty database meanwhile."""
    home = connection.settings_dict["NAME"]
    name = f"{home}_restored"

    def at_home(statement: str) -> None:
        connection.close()
        connection.settings_dict["NAME"] = home
        with connection.cursor() as cursor:
            cursor.execute(statement)

    at_home(f"DROP DATABASE IF EXISTS {name}")
    at_home(f"CREATE DATABASE {name}")
    connection.close()
    connection.settings_dict["NAME"] = name
    yield name
    at_home(f"DROP DATABASE {name}")


@pytest.fixture
def prepared(backup: Path, empty_database: str) -> Path:
    """The backup of the one, while the connection leads to the other."""
    assert connection.introspection.table_names() == []
    return backup
