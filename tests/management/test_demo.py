"""`manage.py demo` and `manage.py add_site`."""

import json
import re
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from moderation.domain.status import Status
from moderation.models import Comment, Role, Screening, Site, SiteKey, Thread
from moderation.queries.articles import DEMO_SLUG
from moderation.queries.keys import find_key

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    settings.PUBLIC_URL = "http://127.0.0.1:1"  # nothing answers there


def run(*arguments: str) -> str:
    output = StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue()


def known(key: str) -> SiteKey:
    found = find_key(key)
    assert found is not None
    return found


def test_a_second_call_prints_the_same_and_makes_nothing(settings):
    first = run("demo", "--json")
    count = Comment.objects.count()
    assert run("demo", "--json") == first
    assert Comment.objects.count() == count
    assert (settings.VAR_DIR / "demo.json").stat().st_mode & 0o777 == 0o600
    demo = json.loads(first)
    assert set(demo) == {"url", "site_key", "api_key", "moderator_key", "admin", "thread"}
    assert known(demo["site_key"]).site.slug == DEMO_SLUG
    assert known(demo["api_key"]).scopes == ["submit", "read"]
    assert known(demo["moderator_key"]).scopes == ["decide"]
    assert User.objects.get(username="admin").check_password(demo["admin"]["password"])
    assert "password" in run("demo")


def test_it_starts_alive(client: Client):
    demo = json.loads(run("demo", "--json"))
    counts = {status: Comment.objects.filter(status=status).count() for status in Status}
    assert counts[Status.SCREENING] == 0
    assert counts[Status.PUBLISHED] >= 90
    assert counts[Status.HELD] >= 6
    assert counts[Status.SPAM] >= 5
    assert Screening.objects.count() == Comment.objects.count()
    assert client.get(demo["thread"].removeprefix(demo["url"])).content.count(b'class="comment-body"') >= 9


def test_it_follows_another_port(settings):
    run("demo", "--json")
    settings.PUBLIC_URL = "http://127.0.0.1:2"
    demo = json.loads(run("demo", "--json"))
    assert demo["thread"].startswith("http://127.0.0.1:2/articles/")
    assert all(thread.key.startswith("http://127.0.0.1:2/") for thread in Thread.objects.all())
    assert Site.objects.get(slug=DEMO_SLUG).hosts == ["127.0.0.1:2", "localhost:2"]


def test_it_takes_over_nobodys_account_and_starts_again_where_it_was_stopped(settings):
    User.objects.create_user("admin", password="somebody's own password")
    first = json.loads(run("demo", "--json"))
    count = Comment.objects.count()
    assert first["admin"]["username"] != "admin"
    (settings.VAR_DIR / "demo.json").unlink()
    second = json.loads(run("demo", "--json"))
    assert second["site_key"] != first["site_key"]
    assert Comment.objects.count() == count
    assert User.objects.get(username="admin").check_password("somebody's own password")


def test_add_site_prints_keys_that_work_and_a_snippet():
    owner = User.objects.create_user("olga")
    output = run(
        "add_site", "The Evening News", "--host", "news.example", "--language", "en", "--owner", "olga"
    )
    site = Site.objects.get(slug="the-evening-news")
    (public,), (secret,) = set(re.findall(r"cm_pk_[\w-]+", output)), set(re.findall(r"cm_sk_[\w-]+", output))
    assert known(public).site == site
    assert known(secret).scopes == ["submit", "read", "decide"]
    assert f'src="http://127.0.0.1:1/embed.js" data-key="{public}"></script>\n<comment-thread>' in output
    assert f'<noscript><iframe src="http://127.0.0.1:1/embed/{public}/thread"' in output
    assert f"short name, {site.slug}." in output
    assert Role.objects.get(site=site, user=owner).name == "owner"


@pytest.mark.parametrize(
    "arguments",
    [
        ("Evening", "--host", "https://news.example/path"),
        ("Evening", "--host", "news.example", "--owner", "nobody"),
    ],
)
def test_add_site_makes_nothing_of_what_makes_no_sense(arguments):
    with pytest.raises(CommandError):
        run("add_site", *arguments)
    assert Site.objects.count() == 0
