"""A thread as a piece of HTML for a site's own page."""

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client

from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import create_key
from moderation.models.key import KeyKind
from moderation.privacy.tokens import CommentLink, comment_token
from moderation.queries.page_memory import pages
from tests.builders import LINKED, build_site, submit_screened
from tests.embed.forms import fetch

pytestmark = pytest.mark.django_db
PAGE = "https://news.example/first?a=1&b=2"
VOID = {"link", "meta", "br"}


@pytest.fixture
def site():
    return build_site()


@pytest.fixture
def key(site):
    return create_key(site.id, KeyKind.PUBLIC, actor=SYSTEM).plain


def path_of(key: str, url: str = PAGE, more: str = "") -> str:
    return f"/embed/{key}/fragment?url={quote(url, safe='')}{more}"


class Microdata(HTMLParser):
    """Items with their properties, as a search engine reads them (HTML, section 5.4)."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.items: list[dict[str, Any]] = []
        self.scopes: list[dict[str, Any]] = []
        self.open: list[tuple[str, bool, tuple[dict[str, Any], str] | None]] = []
        self.feed(text)
        assert not self.open, "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        owner = self.scopes[-1] if self.scopes else None
        name, text_of = given.get("itemprop"), None
        if "itemscope" in given:
            item: dict[str, Any] = {"type": given["itemtype"]}
            (owner.setdefault(name, []) if owner is not None and name else self.items).append(item)
            self.scopes.append(item)
        elif name and owner is not None:
            value = given.get("href") or given.get("content") or given.get("datetime")
            if value is None:
                owner[name] = ""
                text_of = (owner, name)
            else:
                owner[name] = value
        if tag not in VOID:
            self.open.append((tag, "itemscope" in given, text_of))

    def handle_endtag(self, tag: str) -> None:
        opened, is_scope, _ = self.open.pop()
        assert opened == tag
        if is_scope:
            self.scopes.pop()

    def handle_data(self, data: str) -> None:
        for _, _, text_of in self.open:
            if text_of:
                text_of[0][text_of[1]] += data


def test_search_engines_read_who_wrote_what_when_and_in_answer_to_whom(client: Client, key, site):
    root = submit_screened(site, "Mind *this* & that.", website="https://ada.example/", url=PAGE)
    submit_screened(site, "An answer.", name="Bo <b>", email="b@reader.example", parent_id=root.id, url=PAGE)
    (page,) = Microdata(fetch(client, path_of(key)).text).items
    assert page["type"] == "https://schema.org/WebPage"
    assert (page["url"], page["commentCount"]) == (PAGE, "2")
    (comment,) = page["comment"]
    assert comment["type"] == "https://schema.org/Comment"
    assert comment["author"] == [
        {"type": "https://schema.org/Person", "url": "https://ada.example/", "name": "Ada Reader"}
    ]
    assert comment["text"] == "Mind this & that."
    assert comment["url"] == f"{PAGE}#comment-{root.id}"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*", comment["datePublished"])
    (answer,) = comment["comment"]
    assert (answer["text"], answer["author"][0]["name"]) == ("An answer.", "Bo <b>")


def test_it_is_a_piece_of_a_page_without_a_form(client: Client, key, site):
    comment = submit_screened(site, url=PAGE)
    sent = fetch(client, path_of(key))
    assert re.match(r'<section class="comments"[^>]* lang="en" dir="ltr"', sent.text)
    for tag in ("<html", "<head", "<body", "<form", "<input", "<script", "<style", " style=", "form_token"):
        assert tag not in sent.text
    alone = f"{settings.PUBLIC_URL}/embed/{key}/page?url={quote(PAGE, safe='')}"
    assert f'href="{alone}#respond">Leave a comment</a>'.replace("&", "&amp;") in sent.text
    assert f"{alone}&replyto={comment.id}#respond".replace("&", "&amp;") in sent.text
    hrefs = re.findall(r' href="([^"]+)"', sent.text)
    assert all(href.startswith(("http://", "https://")) for href in hrefs)


def test_any_page_and_server_may_fetch_it_and_no_engine_lists_it_by_itself(client: Client, key, site):
    submit_screened(site, url=PAGE)
    response = fetch(client, path_of(key)).response
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response["X-Robots-Tag"] == "noindex"
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    known = fetch(client, path_of(key), HTTP_IF_NONE_MATCH=response["ETag"])
    assert known.status == 304


def test_it_is_rendered_once_per_change(client: Client, key, site, django_assert_num_queries):
    submit_screened(site, url=PAGE)
    pages.clear()
    fetch(client, path_of(key))
    assert len(pages) == 1
    with django_assert_num_queries(2):  # the key, the thread
        fetch(client, path_of(key))
    submit_screened(site, "Another remark.", email="b@reader.example", url=PAGE)
    assert "Another remark." in fetch(client, path_of(key)).text


def test_it_shows_no_authors_own_comment(client: Client, key, site):
    held = submit_screened(site, LINKED[0], url=PAGE)
    token = comment_token(held.id, CommentLink.VIEW)
    sent = fetch(client, path_of(key, more=f"&unapproved={held.id}&view={token}"))
    assert sent.status == 200
    assert "city.example" not in sent.text


@pytest.mark.parametrize(("url", "status"), [("https://elsewhere.example/", 403), ("nonsense", 400)])
def test_what_is_wrong_is_said_in_one_paragraph(client: Client, key, url, status):
    sent = fetch(client, path_of(key, url))
    assert sent.status == status
    assert re.fullmatch(r'<p class="comments-notice">[^<]+</p>\n', sent.text)
    assert fetch(client, path_of("cm_pk_unknown")).status == 404


def test_without_a_database_too(client: Client, key, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr("moderation.embed.showing.find_thread", fail)
    sent = fetch(client, path_of(key))
    assert (sent.status, sent.response["Retry-After"]) == (503, "5")
    assert sent.text.startswith('<p class="comments-notice">The discussion cannot be shown')


def test_an_empty_thread_invites(client: Client, key):
    text = fetch(client, path_of(key)).text
    assert "0 comments" in text
    assert ">Leave a comment</a>" in text


def test_it_speaks_the_pages_language(client: Client, key, site):
    submit_screened(site, url=PAGE)
    text = fetch(client, path_of(key, more="&lang=ar")).text
    assert 'lang="ar" dir="rtl"' in text
    assert "&amp;lang=ar" in text
