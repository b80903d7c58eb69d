"""Alive, ready, and figures for a monitor."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError, connection
from django.db.models.functions import Now
from django.test import Client, override_settings
from django.urls import include, path
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from config.database.base import DatabaseWrapper
from moderation.api import health
from moderation.flow import jobs
from moderation.flow.keeping.seal import SEAL, seal_due
from moderation.lib.clock import now
from moderation.models import Job, JobHeartbeat
from moderation.queries.gauges import GAUGES, Gauge
from tests.builders import build_site, submit, submit_screened

urlpatterns = [path("", include("moderation.api.health"))]


@pytest.fixture(autouse=True)
def _urls() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=__name__):
        yield


def figures(client: Client, **extra: Any) -> dict[str, float]:
    """The lines of /metrics as name with labels and value."""
    answer = client.get("/metrics", **extra)
    assert answer.status_code == 200, answer.content
    lines = [line for line in answer.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@pytest.mark.parametrize("address", ["/livez", "/readyz", "/metrics"])
@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_only_reading_is_offered(client: Client, address: str, method: str) -> None:
    answer = getattr(client, method)(address)
    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD"


def test_alive_needs_no_database(client: Client) -> None:
    answer = client.get("/livez")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_ready_with_database_and_broker(client: Client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "broker": "ok"})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("url", "told"), [("", "none"), ("unix:///nowhere/at/all.sock", "away")])
def test_ready_without_a_broker_too(client: Client, settings: Settings, url: str, told: str) -> None:
    settings.REDIS_URL = url
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "broker": told})


def test_not_ready_without_the_database(client: Client) -> None:
    with mock.patch.object(health, "check_database", side_effect=OperationalError("no server")):
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "away")


def test_a_database_that_hangs_is_waited_for_one_second(client: Client) -> None:
    answered = threading.Event()
    with mock.patch.object(health, "check_database", side_effect=lambda: answered.wait(20)):
        begun = time.monotonic()
        answer = client.get("/readyz")
        assert time.monotonic() - begun < 10
        answered.set()
        assert (answer.status_code, answer.json()["database"]) == (503, "away")
        time.sleep(0.6)  # the thread ends within the patch


def test_a_database_that_hangs_is_asked_by_one_thread_however_often_it_is_asked_for(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, hangs = [], Event()

    def hang() -> None:
        looks.append(1)
        assert hangs.wait(10)

    monkeypatch.setattr(health, "check_database", hang)
    monkeypatch.setattr(health, "DATABASE_WAIT_S", 0.05)
    monkeypatch.setattr(health, "count_missing_migrations", lambda: 0)
    try:
        assert {client.get("/readyz").status_code for _ in range(6)} == {503}
    finally:
        hangs.set()
    monkeypatch.setattr(health, "DATABASE_WAIT_S", 5.0)
    assert client.get("/readyz").status_code == 200
    assert len(looks) <= 2  # that of the six, and one that began after it


@pytest.mark.django_db(transaction=True)
def test_not_ready_until_migrated(client: Client) -> None:
    health._migrated.clear()
    with mock.patch.object(health, "count_missing_migrations", return_value=1):
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "not migrated")
    assert client.get("/readyz").status_code == 200
    assert health._migrated == {connection.settings_dict["NAME"]}


@pytest.mark.django_db
def test_figures_tell_what_waits_and_what_was_decided(client: Client) -> None:
    site = build_site()
    submit_screened(site, "A calm remark.")
    submit_screened(site, "They say otherwise in https://city.example/rents here.")
    submit(site, "One that waits.")
    found = figures(client)
    assert found['moderation_comments{status="published"}'] == 1
    assert found['moderation_comments{status="held"}'] == 1
    assert found['moderation_comments{status="screening"}'] == 1
    assert found['moderation_jobs{kind="screen",state="open"}'] == 1
    assert 0 <= found['moderation_job_oldest_due_age_seconds{kind="screen"}'] < 60
    assert found["moderation_submissions_recent"] == 3
    assert found['moderation_verdicts_recent{outcome="publish",runner="run_jobs"}'] == 1
    assert found['moderation_verdicts_recent{outcome="hold",runner="run_jobs"}'] == 1
    assert found["moderation_comments_lost"] == 0
    assert found["moderation_broker_up"] == 1


@pytest.mark.django_db
def test_a_worker_of_the_background_that_falls_silent_is_seen(client: Client) -> None:
    build_site()
    jobs.start_standing([SEAL])
    name = 'moderation_worker_silent_seconds{kind="seal"}'
    seal_due(runner=jobs.SWEEP_RUNNER)
    assert name not in figures(client), "no worker has claimed it"
    Job.objects.update(due_at=Now())
    seal_due(runner=jobs.CELERY_RUNNER)
    assert 0 <= figures(client)[name] < 60
    JobHeartbeat.objects.update(claimed_at=Now() - timedelta(minutes=5))
    assert 290 < figures(client)[name] < 400


@pytest.mark.django_db
def test_a_comment_without_its_job_is_seen(client: Client) -> None:
    site = build_site()
    comment = submit(site)
    Job.objects.filter(subject_id=comment.id).delete()
    assert figures(client)["moderation_comments_lost"] == 1


@pytest.mark.django_db
def test_what_is_older_than_five_minutes_is_not_recent(client: Client) -> None:
    submit_screened(build_site())
    with mock.patch("moderation.queries.gauges.RECENT_S", -1):
        assert figures(client)["moderation_submissions_recent"] == 0
    with mock.patch("moderation.queries.gauges.RECENT_S", 5):
        assert figures(client)["moderation_submissions_recent"] == 1


@pytest.mark.django_db
def test_figures_cost_one_query_each(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(len(GAUGES) * 4):  # each with its time limit and savepoint
        figures(client)


@pytest.mark.django_db
def test_many_comments_are_counted_no_further_than_the_cap_in_all(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for site in (build_site(), build_site("Other", host="other.example")):
        for number in range(3):
            submit(site, f"Remark number {number} that waits.", url=f"https://{site.hosts[0]}/x")
    monkeypatch.setattr("moderation.queries.gauges.COUNT_CAP", 4)
    assert figures(client)['moderation_comments{status="screening"}'] == 4
    monkeypatch.setattr("moderation.queries.gauges.COUNT_CAP", 6)
    assert figures(client)['moderation_comments{status="screening"}'] == 6


@pytest.mark.django_db
def test_beyond_the_cap_what_does_not_wait_is_told_by_statistics(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = build_site()
    for body in ("A calm remark.", "The ferry was late today.", "Who painted the old school hall?"):
        submit_screened(site, body)
    submit(site, "One that waits.")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE comment")
    monkeypatch.setattr("moderation.queries.gauges.COUNT_CAP", 2)
    found = figures(client)
    assert found['moderation_comments{status="published"}'] == 3
    assert found['moderation_comments{status="screening"}'] == 1
    assert found['moderation_comments{status="spam"}'] == 0


@pytest.mark.django_db
def test_the_oldest_due_job_is_found_among_all_kinds_and_sites(client: Client) -> None:
    for number, host in enumerate(("news.example", "other.example")):
        comment = submit(build_site(host, host=host), url=f"https://{host}/x")
        Job.objects.filter(subject_id=comment.id).update(due_at=now() - timedelta(hours=number + 1))
        Job.objects.filter(kind="purge").update(due_at=now() + timedelta(hours=1))
    found = figures(client)
    assert 7100 < found['moderation_job_oldest_due_age_seconds{kind="screen"}'] < 7300
    assert 'moderation_job_oldest_due_age_seconds{kind="purge"}' not in found


def broken(sql: str) -> tuple[Gauge, ...]:
    """The gauges, with one of them reading `sql`."""
    return tuple(replace(gauge, sql=sql) if gauge.name == "moderation_jobs" else gauge for gauge in GAUGES)


@pytest.mark.django_db
@pytest.mark.parametrize("sql", ["SELECT 'a', 'b', 1 FROM pg_sleep(20)", "SELECT 1 / 0", "SELECT FROM no"])
def test_one_figure_that_cannot_be_read_takes_no_other_with_it(
    client: Client, monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    monkeypatch.setattr("moderation.queries.gauges.GAUGES", broken(sql))
    monkeypatch.setattr("moderation.queries.gauges.GAUGE_TIMEOUT_MS", 200, raising=False)
    build_site()
    found = figures(client)
    assert not [name for name in found if name.startswith("moderation_jobs{")]
    assert found["moderation_comments_lost"] == 0
    up = {name: value for name, value in found.items() if name.startswith("moderation_figure_up")}
    assert up.pop('moderation_figure_up{figure="moderation_jobs"}') == 0
    assert set(up.values()) == {1}
    assert len(up) == len(GAUGES) - 1


@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_away_midway_is_not_waited_for_by_each_figure(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def refuse(self: object, parameters: object) -> None:
        tried.append(1)
        raise OperationalError("no server")

    ends_it = broken("SELECT pg_terminate_backend(pg_backend_pid())")
    monkeypatch.setattr("moderation.queries.gauges.GAUGES", ends_it)
    assert client.get("/metrics").status_code == 200  # the server is still there for the others
    with monkeypatch.context() as patch:
        patch.setattr(DatabaseWrapper, "get_new_connection", refuse)
        assert client.get("/metrics").status_code == 503
    assert len(tried) == 1


@pytest.mark.django_db
def test_figures_name_no_person(client: Client) -> None:
    submit_screened(build_site(), name="Canary Name", email="cnry-7f3a@leak-91bc.example")
    text = client.get("/metrics").content.decode()
    assert "Canary" not in text
    assert "leak" not in text


@pytest.mark.django_db
def test_with_a_token_only_its_bearer_reads(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "a long token"
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer another"}).status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer é"}).status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer a long token"}).status_code == 200
    settings.TRUSTED_PROXIES = 1
    assert client.get("/metrics", headers={"Authorization": "Bearer a long token"}).status_code == 200


@pytest.mark.django_db
def test_without_a_token_only_this_machine_reads(client: Client) -> None:
    assert client.get("/metrics", REMOTE_ADDR="::1").status_code == 200
    for address in ("203.0.113.7", "10.0.0.1", "", "unix"):
        assert client.get("/metrics", REMOTE_ADDR=address).status_code == 403


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
def test_a_proxy_on_this_machine_makes_nobody_local(client: Client, settings: Settings, header: str) -> None:
    assert client.get("/metrics", headers={header: "203.0.113.7"}).status_code == 403
    settings.TRUSTED_PROXIES = 1
    assert client.get("/metrics").status_code == 403


def test_figures_without_the_database_are_503(client: Client) -> None:
    with mock.patch.object(health, "readings", side_effect=OperationalError("no server")):
        assert client.get("/metrics").status_code == 503
