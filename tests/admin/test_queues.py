"""Queues that rules fill: none is hidden, each can be worked by itself, and none is another site's."""

import re

import pytest
from django.test import Client

from moderation.models import Site
from moderation.models.role import RoleName
from tests.admin.desk import QUEUE, act, held, page
from tests.admin.people import client_of, person_with
from tests.builders import build_moderator, build_site, submit_screened
from tests.rules import line, make_rule, rule_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    site = build_site()
    route_lawyers(site, "legal")
    return site


def route_lawyers(site: Site, queue: str) -> None:
    make_rule(site, rule_text(line("body", "word", "lawyer"), name="Lawyers", action="route", queue=queue))


def names_on(text: str) -> list[str]:
    return re.findall(r"Select the comment by ([^<]+)<", text)


def chosen(text: str) -> list[str]:
    nav = re.search(r'<nav class="queues".*?</nav>', text, re.DOTALL)
    return [" ".join(part.split()) for part in re.findall(r">([^<]+)", nav[0]) if part.strip()] if nav else []


def test_the_common_queue_alone_needs_no_choice(site: Site):
    client = person_with(RoleName.MODERATOR, site)
    held(site, "Ada Reader")
    assert chosen(page(client)) == []


def test_what_a_rule_routed_waits_in_its_queue_and_in_the_list_of_all(site: Site):
    client = person_with(RoleName.MODERATOR, site)
    held(site, "Ada Reader")
    submit_screened(site, "My lawyer will write to you.", name="Bo Client", email="bo@reader.example")
    text = page(client)
    assert names_on(text) == ["Ada Reader", "Bo Client"]
    assert chosen(text) == ["All queues", "2", "held", "1", "legal", "1"]
    assert "Rule “Lawyers” (version 1), for the queue “legal”" in text
    assert names_on(page(client, "?queue=legal")) == ["Bo Client"]
    assert names_on(page(client, "?queue=held")) == ["Ada Reader"]
    empty = page(client, "?queue=nothing-like-that")
    assert names_on(empty) == []
    assert "All queues" in empty  # the way back


def test_a_decision_leads_back_to_the_queue(site: Site):
    client = person_with(RoleName.MODERATOR, site)
    comment = submit_screened(site, "My lawyer will write to you.")
    answer = act(client, comment, queue="legal")
    assert answer["Location"].startswith(f"{QUEUE}?queue=legal")
    assert chosen(page(client)) == []


def test_queues_of_another_site_are_not_told(site: Site):
    other = build_site("The Morning Post", host="post.example")
    route_lawyers(other, "secret-queue")
    submit_screened(other, "My lawyer will write to you.", url="https://post.example/1")
    text = page(person_with(RoleName.MODERATOR, site))
    assert "secret-queue" not in text
    both = client_of(build_moderator([site, other], "both"))
    submit_screened(site, "My lawyer will write to you.")
    assert chosen(page(both))[::2] == ["All queues", "held", "legal", "secret-queue"]
    assert chosen(page(both, f"?site={site.slug}"))[::2] == ["All queues", "held", "legal"]
    assert Client().get(QUEUE).status_code == 302
