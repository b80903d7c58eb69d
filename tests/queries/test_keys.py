"""Looking up hosts, as any page in the world may ask for it, and keys, as each call brings one."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks, Settings

from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import change_site, create_key, revoke_key
from moderation.models import Site, SiteKey
from moderation.models.key import KeyKind, Scope
from moderation.queries import keys
from moderation.queries.brief_memory import BriefMemory
from moderation.queries.keys import find_key, forget_keys, is_registered_host
from moderation.queries.page_freshness import find_public_site
from tests.builders import build_site

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("host", "is_known"),
    [("news.example", True), ("two.example:8000", True), ("two.example", False), ("ews.example", False)],
)
def test_a_host_is_known_by_its_whole_name_and_port(host: str, is_known: bool) -> None:
    build_site(hosts=["one.example", "two.example:8000", "news.example"])
    assert is_registered_host(host) is is_known


def test_among_many_sites_a_host_is_found_by_an_index() -> None:
    Site.objects.bulk_create(Site(name="N", slug=f"n{n}", hosts=[f"n{n}.example"]) for n in range(3000))
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as captured:
        cursor.execute("ANALYZE site")
        assert is_registered_host("n77.example")
        cursor.execute(f"EXPLAIN {captured[-1]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "site_by_host" in plan, plan


@pytest.fixture
def remembering(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Keys are remembered as in production; the list holds what the clock says."""
    moment = [100.0]
    settings.KEY_MEMORY_S = 1.0
    monkeypatch.setattr("moderation.queries.keys.time.monotonic", lambda: moment[0])
    forget_keys()
    yield moment
    forget_keys()


@pytest.fixture
def secret(remembering: list[float]) -> str:
    return create_key(build_site().id, KeyKind.SECRET, scopes=[Scope.SUBMIT], actor=SYSTEM).plain


def queries_for(text: str) -> tuple[SiteKey | None, int]:
    with CaptureQueriesContext(connection) as captured:
        return find_key(text), len(captured)


def test_a_valid_key_is_looked_up_once_a_second(secret: str, remembering: list[float]) -> None:
    first, asked = queries_for(secret)
    assert (first is not None, asked) == (True, 1)
    remembering[0] += 0.99
    assert queries_for(secret) == (first, 0)
    remembering[0] += 0.01
    assert queries_for(secret)[1] == 1


def test_a_key_that_another_process_revoked_ends_within_a_second(
    secret: str, remembering: list[float]
) -> None:
    assert find_key(secret) is not None
    SiteKey.objects.update(revoked_at=Now())
    remembering[0] += 1.0
    assert find_key(secret) is None


def test_a_key_that_this_process_revokes_ends_at_once(
    secret: str, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    key = find_key(secret)
    assert key is not None
    with django_capture_on_commit_callbacks(execute=True):
        revoke_key(key.id, site_id=key.site_id, actor=SYSTEM)
    assert find_key(secret) is None


def test_what_this_process_changes_about_a_site_is_seen_at_once(
    secret: str, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    key = find_key(secret)
    assert key is not None
    with django_capture_on_commit_callbacks(execute=True):
        change_site(key.site_id, {"is_open": False}, actor=SYSTEM)
    found = find_key(secret)
    assert found is not None
    assert found.site.is_open is False


def test_a_guess_is_looked_up_each_time_and_never_helped_by_the_right_key(secret: str) -> None:
    assert find_key(secret) is not None
    wrong = secret[:-1] + ("A" if secret[-1] != "A" else "B")
    for guess in (wrong, secret.rpartition("_")[0], "", "nonsense"):
        assert [queries_for(guess) for _ in range(2)] == [(None, 1)] * 2
    assert queries_for(secret)[1] == 0


def test_only_so_many_keys_are_remembered(secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_known", BriefMemory(keys._MOST_KNOWN))
    key = find_key(secret)
    assert key is not None
    for number in range(keys._MOST_KNOWN):
        keys._known.keep(number.to_bytes(32, "big"), key, 100.0)
    assert queries_for(secret)[1] == 1


def test_no_other_memory_believes_a_key_for_a_second_more(remembering: list[float]) -> None:
    """Pages in memory ask when a key was looked up: the moments must not add up."""
    public = create_key(build_site().id, KeyKind.PUBLIC, actor=SYSTEM).plain
    assert find_key(public) is not None
    SiteKey.objects.update(revoked_at=Now())
    remembering[0] += 0.9
    assert find_public_site(public) is None
