"""A service whose keys do not fit its database does not start."""

import base64

import pytest
from pytest_django import Settings

from config.problems import CannotStart
from config.settings.keys import ensure_keys_fit
from tests.builders import build_site, submit

pytestmark = pytest.mark.django_db

OTHER = base64.b64encode(b"x" * 32).decode()


@pytest.fixture(autouse=True)
def keep_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's transaction lives on the connection that a start would close."""
    monkeypatch.setattr("config.settings.keys.connection.close", lambda: None)


def test_the_right_keys_and_an_empty_database_pass() -> None:
    ensure_keys_fit()
    submit(build_site())
    ensure_keys_fit()


@pytest.mark.parametrize(("name", "value"), [("EMAIL_KEYS", [f"other:{OTHER}"]), ("EMAIL_INDEX_KEY", OTHER)])
def test_a_wrong_key_is_named_before_anything_starts(settings: Settings, name: str, value: object) -> None:
    submit(build_site())
    setattr(settings, name, value)
    with pytest.raises(CannotStart, match="do not fit this database"):
        ensure_keys_fit()
