"""What a site judges by, in memory: believed for a second, forgotten at once where it was changed here."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks, Settings

from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import change_policy, change_site
from moderation.models import Site
from moderation.queries import judging_memory
from moderation.queries.brief_memory import BriefMemory
from moderation.queries.judging_memory import forget_judging, judging_site
from moderation.queries.site_facts import MOST_KEPT
from tests.builders import build_site
from tests.rules import make_rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def moment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Sites are remembered as in production; the list holds what the clock says."""
    now = [100.0]
    settings.KEY_MEMORY_S = 1.0
    monkeypatch.setattr("moderation.queries.judging_memory.time.monotonic", lambda: now[0])
    monkeypatch.setattr(judging_memory, "_memory", BriefMemory(MOST_KEPT))
    return now


def queries_for(site: Site) -> int:
    with CaptureQueriesContext(connection) as captured:
        judging_site(site.id)
    return len(captured)


def test_a_site_is_loaded_once_a_second(moment: list[float]) -> None:
    site = build_site()
    assert queries_for(site) > 0
    moment[0] += 0.99
    assert queries_for(site) == 0
    moment[0] += 0.01
    assert queries_for(site) > 0


def test_sites_are_told_apart(moment: list[float]) -> None:
    one, two = build_site(), build_site("The Other Paper", host="other.example")
    assert judging_site(one.id).facts.hosts == ("news.example",)
    assert judging_site(two.id).facts.hosts == ("other.example",)
    forget_judging(one.id)
    assert (queries_for(two), queries_for(one) > 0) == (0, True)


def test_what_another_process_changed_is_seen_within_a_second(moment: list[float]) -> None:
    site = build_site()
    judging_site(site.id)
    Site.objects.filter(id=site.id).update(staff_names=["The Editor"])
    moment[0] += 1.0
    assert judging_site(site.id).facts.staff_names == ("The Editor",)


def test_what_this_process_changes_is_seen_at_once(
    moment: list[float], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    site = build_site()
    assert judging_site(site.id).policy.premoderate is False
    with django_capture_on_commit_callbacks(execute=True):
        change_policy(site.id, settings={"premoderate": True}, actor=SYSTEM)
    assert judging_site(site.id).policy.premoderate is True
    with django_capture_on_commit_callbacks(execute=True):
        change_site(site.id, {"staff_names": ["The Editor"]}, actor=SYSTEM)
    assert judging_site(site.id).facts.staff_names == ("The Editor",)
    with django_capture_on_commit_callbacks(execute=True):
        make_rule(site)
    assert len(judging_site(site.id).rules.rules) == 1


def test_only_so_many_sites_are_remembered(moment: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging_memory, "_memory", BriefMemory(1))
    one, two = build_site(), build_site("The Other Paper", host="other.example")
    judging_site(one.id)
    judging_site(two.id)
    assert (queries_for(two), queries_for(one) > 0) == (0, True)
