"""The engine is loaded once into a web process, before the first analysis where one is to be expected."""

import threading
from collections.abc import Callable

import pytest
from django.db import OperationalError

from moderation.compat import loading
from moderation.flow.record import SYSTEM
from moderation.flow.site.coral import change_coral_secret
from moderation.flow.site.settings import create_key, revoke_key
from moderation.models import Site
from moderation.models.key import KeyKind, Scope
from moderation.queries.keys import is_asked_for_analyses
from tests.builders import build_site


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the threads that loaded the engine, of a process that has not loaded it yet."""
    seen: list[str] = []
    monkeypatch.setattr(loading, "_is_loaded", threading.Event())
    monkeypatch.setattr(loading, "warm_up", lambda: seen.append(threading.current_thread().name))
    return seen


def test_threads_that_come_together_load_once(loads: list[str]) -> None:
    together = threading.Barrier(4)

    def come() -> None:
        together.wait()
        loading.load_engine()

    threads = [threading.Thread(target=come) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1


def with_akismet_key(site: Site) -> None:
    create_key(site.id, KeyKind.AKISMET, actor=SYSTEM)


def with_score_key(site: Site) -> None:
    create_key(site.id, KeyKind.SECRET, actor=SYSTEM, scopes=[Scope.SCORE])


def with_coral(site: Site) -> None:
    change_coral_secret(site.id, "whsec-of-corals-own-making", actor=SYSTEM)


def with_server_key(site: Site) -> None:
    create_key(site.id, KeyKind.SECRET, actor=SYSTEM, scopes=list(Scope))


def with_revoked_key(site: Site) -> None:
    new = create_key(site.id, KeyKind.SECRET, actor=SYSTEM, scopes=[Scope.SCORE])
    revoke_key(new.key.id, site_id=site.id, actor=SYSTEM)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "is_asked"),
    [
        (with_akismet_key, True),
        (with_score_key, True),
        (with_coral, True),
        (with_server_key, False),
        (with_revoked_key, False),
    ],
)
def test_it_is_loaded_beforehand_where_clients_of_other_services_have_keys(
    given: Callable[[Site], None], is_asked: bool, loads: list[str]
) -> None:
    given(build_site())
    assert is_asked_for_analyses() is is_asked
    loading._load_where_used()
    assert bool(loads) is is_asked


def test_without_a_database_the_first_analysis_loads_it(
    loads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> bool:
        raise OperationalError("the server is away")

    monkeypatch.setattr(loading, "is_asked_for_analyses", fail)
    loading._load_where_used()
    assert loads == []
    loading.load_engine()
    assert len(loads) == 1
