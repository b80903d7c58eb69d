"""Challenges for the readers' forms: who gets one, and what a form makes of it."""

import re
from typing import Any

import pytest
from django.test import Client

from moderation.domain.status import Status
from moderation.domain.work import WorkMode
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import change_site, create_key
from moderation.models import Comment, Site
from moderation.models.key import KeyKind
from moderation.queries import read_rate
from moderation.queries.page_memory import pages
from tests.builders import PAGE, build_site, screen_all, submit_screened
from tests.embed.forms import build_demo_site, fetch, send
from tests.work import easy_work, solve

__all__ = ["easy_work"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("easy_work")]


@pytest.fixture(autouse=True)
def _empty() -> None:
    pages.clear()


@pytest.fixture
def site() -> Site:
    return build_site(proof_of_work=WorkMode.ALWAYS)


@pytest.fixture
def key(site: Site) -> str:
    return create_key(site.id, KeyKind.PUBLIC, actor=SYSTEM).plain


def read(key: str) -> Any:
    return Client().get(f"/embed/{key}/challenge.json")


def post_in_frame(key: str, work: str | None) -> Comment:
    """The form of a frame, filled in and sent, after the screening."""
    path = f"/embed/{key}/thread?url={PAGE}"
    sent = send(
        Client(), page=path, to=path.replace("/thread", "/comments"), **({"altcha": work} if work else {})
    )
    assert sent.status == 303, sent.text
    screen_all()
    return Comment.objects.latest("created_at")


def test_any_page_may_fetch_one_and_no_cache_keeps_it(key: str) -> None:
    response = read(key)
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Type"] == "application/json"
    assert set(response.json()) == {"parameters", "signature"}
    assert read(key).json() != response.json()


def test_there_is_none_where_the_site_does_not_ask_or_the_key_is_wrong(site: Site, key: str) -> None:
    assert read("cm_pk_nobody").status_code == 404
    change_site(site.id, {"proof_of_work": "wave"}, actor=SYSTEM)
    assert read(key).status_code == 200
    change_site(site.id, {"proof_of_work": "off"}, actor=SYSTEM)
    response = read(key)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert response["Access-Control-Allow-Origin"] == "*"


def test_they_count_as_reads_of_the_network(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_rate, "KEY_CAPACITY", 2)
    answers = [Client().get(f"/embed/{key}/challenge.json", REMOTE_ADDR="203.0.113.77") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2]["Retry-After"]) > 0


def test_the_form_asks_its_script_for_work_only_where_the_site_does(site: Site, key: str) -> None:
    page = fetch(Client(), f"/embed/{key}/thread?url={PAGE}").text
    assert f'name="altcha" value="" autocomplete="off" data-challenge="/embed/{key}/challenge.json"' in page
    assert re.search(r'<script type="module" src="[^"]*embed-work-form[^"]*\.js"></script>', page)
    change_site(site.id, {"proof_of_work": "off"}, actor=SYSTEM)
    page = fetch(Client(), f"/embed/{key}/thread?url={PAGE}").text
    assert "altcha" not in page
    assert "<script" not in page


def test_a_page_in_memory_follows_the_setting(site: Site, key: str) -> None:
    submit_screened(site, url=PAGE)
    path = f"/embed/{key}/thread?url={PAGE}"
    assert "data-challenge" in fetch(Client(), path).text
    change_site(site.id, {"proof_of_work": "off"}, actor=SYSTEM)
    assert "data-challenge" not in fetch(Client(), path).text


@pytest.mark.parametrize("mode", ["always", "wave"])
def test_a_solved_form_is_published_and_one_without_script_is_never_refused(
    site: Site, key: str, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_site(site.id, {"proof_of_work": mode}, actor=SYSTEM)
    monkeypatch.setattr("moderation.queries.spam_waves.find_waves", set)
    assert post_in_frame(key, solve(read(key).json())).status == Status.PUBLISHED
    Comment.objects.update(body_hash=1)
    assert post_in_frame(key, None).status == Status.HELD


def test_the_thread_as_data_tells_what_the_form_needs(site: Site, key: str) -> None:
    def told() -> tuple[str, bool]:
        thread = Client().get(f"/embed/{key}/thread.json?url={PAGE}").json()["thread"]
        return thread["format"], thread["work"]

    assert told() == ("markdown", True)
    submit_screened(site, url=PAGE)
    assert told() == ("markdown", True)
    change_site(site.id, {"proof_of_work": "off", "text_format": "plain"}, actor=SYSTEM)
    assert told() == ("plain", False)


def test_the_demo_sites_articles_have_challenges_of_their_own() -> None:
    site = build_demo_site(proof_of_work=WorkMode.ALWAYS)
    assert 'data-challenge="/articles/challenge.json"' in fetch(Client()).text
    work = solve(Client().get("/articles/challenge.json").json())
    assert send(Client(), altcha=work).status == 303
    screen_all()
    assert Comment.objects.get(site=site).status == Status.PUBLISHED


def test_the_demo_site_gives_none_unless_it_asks() -> None:
    build_demo_site()
    assert Client().get("/articles/challenge.json").status_code == 404
