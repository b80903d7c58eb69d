"""A thread on a page of its own, and the icon."""

import re
from html import unescape
from urllib.parse import quote

import pytest
from django.db import OperationalError
from django.test import Client

from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import create_key
from moderation.models import Comment
from moderation.models.key import KeyKind
from tests.builders import build_site, screen_all, submit_screened
from tests.embed.forms import fetch, location_of, send

pytestmark = pytest.mark.django_db
PAGE = "https://news.example/first?a=1&b=2"


@pytest.fixture
def site():
    return build_site()


@pytest.fixture
def key(site):
    return create_key(site.id, KeyKind.PUBLIC, actor=SYSTEM).plain


def path_of(key: str, what: str = "page", url: str = PAGE) -> str:
    return f"/embed/{key}/{what}?url={quote(url, safe='')}"


def test_a_comments_link_in_a_frame_leads_to_it(client: Client, key, site):
    comment = submit_screened(site, url=PAGE)
    frame = fetch(client, path_of(key, "thread") + "&theme=dark").text
    (link,) = re.findall(r'class="comment-time" href="([^"#]+)#comment-', frame)
    assert unescape(link) == f"{path_of(key)}&comment={comment.id}"
    page = fetch(client, unescape(link))
    assert f'id="comment-{comment.id}"' in page.text
    assert (
        '<h1><a href="https://news.example/first?a=1&amp;b=2" dir="auto">First article</a></h1>' in page.text
    )
    assert '<link rel="canonical" href="https://news.example/first?a=1&amp;b=2">' in page.text
    assert "frame-ancestors 'none'" in page.response["Content-Security-Policy"]
    assert page.response["X-Frame-Options"] == "DENY"
    assert "data-theme" not in page.text


def test_comments_are_posted_there_too(client: Client, key, site):
    to = path_of(key, "page/comments")
    sent = send(client, page=path_of(key), to=to, **{"wp-comment-cookies-consent": "yes"})
    assert sent.status == 303
    assert location_of(sent).startswith(f"{path_of(key)}&unapproved=")
    screen_all()
    assert "Your comment is published." in fetch(client, location_of(sent)).text
    assert Comment.objects.get().thread.key == PAGE
    assert 'value="Wilma Dray"' in fetch(client, path_of(key)).text
    assert send(client, page=path_of(key), to=to, author="").status == 422


@pytest.mark.parametrize(("url", "status"), [("https://elsewhere.example/", 403), ("javascript:x", 400)])
def test_pages_of_others_have_none(client: Client, key, url, status):
    assert fetch(client, path_of(key, url=url)).status == status
    assert client.post(path_of(key, "page/comments", url), {"comment": "x"}).status_code == status


def test_without_a_database_it_says_so(client: Client, key, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr("moderation.embed.showing.find_thread", fail)
    for what in ("page", "thread"):
        sent = fetch(client, path_of(key, what))
        assert (sent.status, sent.response["Retry-After"]) == (503, "5")
        assert "cannot be shown right now" in sent.text


def test_browsers_get_an_icon_and_keep_it(client: Client):
    response = client.get("/favicon.ico")
    assert (response.status_code, response["Content-Type"]) == (200, "image/x-icon")
    assert "max-age=604800" in response["Cache-Control"]
    assert response.content[:4] == b"\x00\x00\x01\x00"
