"""The thread in a frame of another site's page."""

import re
import time
from collections.abc import Mapping
from html import unescape
from types import MappingProxyType
from typing import Any, cast
from urllib.parse import quote

import pytest
from django.test import Client

from moderation.embed.fast import answer_page
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import create_key, revoke_key
from moderation.models import Comment, Thread
from moderation.models.key import KeyKind
from moderation.queries import page_freshness
from moderation.queries.page_freshness import FastPages
from moderation.queries.page_memory import pages
from tests.builders import build_site, screen_all, submit_screened
from tests.embed.forms import fetch, hidden_inputs, send

pytestmark = pytest.mark.django_db
PAGE = "https://news.example/first"


def path_of(key, url: str = PAGE, what: str = "thread", more: str = "") -> str:
    return f"/embed/{key.plain}/{what}?url={quote(url, safe='')}{more}"


def test_it_may_be_framed_by_the_sites_own_hosts_only(client: Client, key):
    response = fetch(client, path_of(key)).response
    assert (
        "frame-ancestors https://news.example http://news.example;"
        in response["Content-Security-Policy"] + ";"
    )
    assert "X-Frame-Options" not in response


def test_a_site_without_hosts_is_framed_nowhere(client: Client, key, site):
    submit_screened(site)
    site.hosts = []
    site.save()
    assert "frame-ancestors 'none'" in fetch(client, path_of(key)).response["Content-Security-Policy"]


def test_an_unknown_revoked_or_secret_key_is_not_found(client: Client, key, site):
    secret = create_key(site.id, KeyKind.SECRET, actor=SYSTEM)
    for name in ("cm_pk_unknown", secret.plain, secret.plain.replace("cm_sk", "cm_pk"), "x%00y"):
        assert fetch(client, f"/embed/{name}/thread?url={PAGE}").status == 404, name
        assert client.post(f"/embed/{name}/comments?url={PAGE}").status_code == 404, name
    revoke_key(key.key.id, site_id=site.id, actor=SYSTEM)
    assert fetch(client, path_of(key)).status == 404


def test_looking_opens_no_thread_and_the_first_comment_does(client: Client, key):
    fetch(client, path_of(key))
    assert Thread.objects.count() == 0
    page = path_of(key, more="&title=The%20first%00one")
    sent = send(client, page=page, to=path_of(key, what="comments", more="&title=The%20first%00one"))
    assert sent.status == 303
    assert sent.response["Location"].startswith(
        f"/embed/{key.plain}/thread?url=https%3A%2F%2Fnews.example%2Ffirst"
    )
    thread = Thread.objects.get()
    assert (thread.key, thread.title) == (PAGE, "The first one")
    own = fetch(client, sent.response["Location"].partition("#")[0])
    assert "Being checked: only you can see this." in own.text
    assert "frame-ancestors" in own.response["Content-Security-Policy"]
    screen_all()
    assert "1 comment" in fetch(client, page).text


@pytest.mark.parametrize("url", ["https://elsewhere.example/", "https://news.example.elsewhere.example/"])
def test_pages_of_others_get_no_thread(client: Client, key, url):
    assert fetch(client, path_of(key, url)).status == 403
    assert client.post(path_of(key, url, "comments"), {"comment": "x"}).status_code == 403
    assert Comment.objects.count() == 0


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "/relative", "https://a b/"])
def test_an_address_that_is_none_is_refused(client: Client, key, url):
    assert fetch(client, path_of(key, url)).status == 400
    assert client.post(path_of(key, url, "comments"), {"comment": "x"}).status_code == 400


def test_another_sites_thread_is_not_shown(client: Client, key, site):
    other = build_site("Other", host="other.example")
    submit_screened(other, "Not yours.", url="https://other.example/page")
    sent = fetch(client, path_of(key, "https://other.example/page"))
    assert sent.status == 403
    assert "Not yours." not in sent.text


def test_refused_forms_come_back_inside_the_frame(client: Client, key):
    sent = send(client, page=path_of(key), to=path_of(key, what="comments"), email="nobody")
    assert sent.status == 422
    assert "My grandmother sold eggs on that boat.</textarea>" in sent.text
    assert "frame-ancestors https://news.example" in sent.response["Content-Security-Policy"]


def framed_by(site: str, page: str = "") -> dict[str, Any]:
    """The headers of a request for a frame on a page whose site is `site` as browsers put it."""
    return {"HTTP_SEC_FETCH_DEST": "iframe", "HTTP_SEC_FETCH_SITE": site, "HTTP_REFERER": page}


@pytest.mark.parametrize("has_comments", [True, False])
@pytest.mark.parametrize(
    ("headers", "is_offered"),
    [
        ({"HTTP_SEC_FETCH_DEST": "document", "HTTP_SEC_FETCH_SITE": "cross-site"}, True),
        (framed_by("same-site"), True),
        (framed_by("same-origin"), True),
        (framed_by("cross-site"), False),
        ({}, False),  # a browser that does not tell
    ],
)
def test_consent_is_offered_only_where_a_cookie_is_kept(
    client: Client, key, site, headers, is_offered, has_comments
):
    if has_comments:
        submit_screened(site)
    assert ("Save my name" in fetch(client, path_of(key), **headers).text) is is_offered


def test_within_a_frame_of_another_site_consent_is_never_offered(client: Client, key, site):
    """There each further request looks as if it came from our own page."""
    comment = submit_screened(site)
    first = fetch(client, path_of(key), **framed_by("cross-site")).text
    (reply,) = re.findall(r'class="comment-reply"[^>]* href="([^"#]+)', first)
    (action,) = re.findall(r'action="([^"#]+)', first)
    own = framed_by("same-origin")
    assert f"replyto={comment.id}" in reply
    assert "Save my name" not in fetch(client, unescape(reply), **own).text
    assert "Save my name" not in client.post(unescape(action), {"comment": ""}, **own).content.decode()
    tab = {"HTTP_SEC_FETCH_DEST": "document", "HTTP_SEC_FETCH_SITE": "none"}
    assert "Save my name" in fetch(client, unescape(reply), **tab).text  # opened in a tab of its own


def test_a_frame_that_offers_no_consent_forgets_nobody(client: Client, key, site):
    path, to = path_of(key), path_of(key, what="comments")
    document: dict[str, Any] = {"HTTP_SEC_FETCH_DEST": "document"}
    hidden = hidden_inputs(fetch(client, path, **document).text)
    typed = {"comment": "A remark.", "author": "Wilma Dray", "email": "w@reader.example"}
    client.post(to, {**hidden, **typed, "wp-comment-cookies-consent": "yes"}, **document)
    assert 'value="Wilma Dray"' in fetch(client, path, **document).text
    assert client.post(to, {**hidden, **typed, "comment": "Another."}).status_code == 303
    assert 'value="Wilma Dray"' in fetch(client, path, **document).text
    assert client.post(to, {**hidden, **typed, "comment": "A third."}, **document).status_code == 303
    assert 'value="Wilma Dray"' not in fetch(client, path, **document).text


def test_on_a_page_of_others_a_frame_says_whose_comments_these_are(client: Client, key, site):
    submit_screened(site, "Only for the site's own pages.")
    sent = fetch(client, path_of(key), **framed_by("cross-site", "https://copy.example/stolen"))
    assert sent.status == 403
    assert "belong to <bdi>The Evening News</bdi>" in sent.text
    assert "<bdi>copy.example</bdi>" in sent.text
    assert "frame-ancestors *" in sent.response["Content-Security-Policy"]
    for hidden in ("Only for the site", "Ada Reader", "First article", "<form", "1 comment"):
        assert hidden not in sent.text
    for page in ("https://news.example/second", "", "about:client"):
        assert fetch(client, path_of(key), **framed_by("cross-site", page)).status == 200
    link = {"HTTP_SEC_FETCH_DEST": "document", "HTTP_REFERER": "https://copy.example/"}
    assert fetch(client, path_of(key), **link).status == 200


def test_a_copy_in_memory_is_not_sent_to_a_page_of_others(client: Client, key, site, no_hurry):
    submit_screened(site)
    here = {"sec-fetch-dest": "iframe", "sec-fetch-site": "cross-site", "referer": f"{PAGE}?x=1"}
    fetch(client, path_of(key), **framed_by("cross-site", PAGE))
    fast = FastPages(pages)
    fast.note_key(key.plain, site.id, asked_at=time.monotonic())
    path, _, query = path_of(key).partition("?")
    assert_is_kept(fast, path, query, here)
    assert answer_page(fast, path, query, cast("Any", here | {"referer": "https://copy.example/"})) is None


def test_the_host_page_may_choose_light_or_dark(client: Client, key):
    assert (
        '<html lang="en" dir="ltr" data-theme="dark">' in fetch(client, path_of(key, more="&theme=dark")).text
    )
    assert '<html lang="en" dir="ltr">' in fetch(client, path_of(key, more="&theme=%22onload")).text


def test_posting_needs_no_cookie_and_a_get_there_is_refused(key):
    client = Client(enforce_csrf_checks=True)
    assert send(client, page=path_of(key), to=path_of(key, what="comments")).status == 303
    response = client.get(path_of(key, what="comments"))
    assert (response.status_code, response["Allow"]) == (405, "POST")


def test_once_there_are_comments_a_frame_is_named_as_its_thread(client: Client, key, site):
    assert "Comments on Invented" in fetch(client, path_of(key, more="&title=Invented")).text
    submit_screened(site)
    page = fetch(client, path_of(key, more="&title=Invented"))
    assert "Comments on First article" in page.text
    assert "Invented" not in page.text


def test_one_copy_serves_all_spellings_of_a_frames_address(client: Client, key, site, no_hurry):
    submit_screened(site)
    pages.clear()
    spellings = [PAGE, f"{PAGE}#top", f"{PAGE}?utm_source=x", "HTTPS://News.Example/first"]
    for number, url in enumerate(spellings):
        assert (
            fetch(client, path_of(key, url, more=f"&title=T{number}&theme=n{number}&x={number}")).status
            == 200
        )
    assert len(pages) == 1
    fetch(client, path_of(key, more="&theme=dark"))
    assert len(pages) == 2
    for url in spellings:
        query = path_of(key, url, more="&title=Other").partition("?")[2]
        looked = FastPages(pages)
        looked.note_key(key.plain, site.id, asked_at=time.monotonic())
        assert_is_kept(looked, f"/embed/{key.plain}/thread", query)


def assert_is_kept(
    fast: FastPages, path: str, query: str, headers: Mapping[str, str] = MappingProxyType({})
) -> None:
    now = time.monotonic()
    for kept in pages.find_all(set(Thread.objects.values_list("id", flat=True))):
        kept[1].checked_at = now
    fast.note({}, began=now, ended=now)
    answer = answer_page(fast, path, query, cast("Any", headers))
    assert answer is not None
    assert b"Comments on First article" in answer.body


def test_a_key_is_believed_for_a_moment_only(client: Client, key, site, no_hurry):
    submit_screened(site)
    fetch(client, path_of(key))
    now = time.monotonic()
    fast = FastPages(pages)
    fast.note({}, began=now - 0.5, ended=now - 0.5)
    path, _, query = path_of(key).partition("?")
    headers: Any = {}
    assert answer_page(fast, path, query, headers) is None  # nobody has looked the key up
    fast.note_key(key.plain, site.id, asked_at=now - page_freshness.BELIEVE_KEY_FOR_S - 1)
    assert answer_page(fast, path, query, headers) is None
    fast.note_key(key.plain, site.id, asked_at=now)
    assert_is_kept(fast, path, query)


def test_reading_frames_is_counted_before_anything_is_looked_up(
    client: Client, key, one_read, django_assert_num_queries
):
    fetch(client, path_of(key))
    for path in (path_of(key), f"/embed/cm_pk_invented/thread?url={PAGE}"):
        with django_assert_num_queries(0):
            response = fetch(client, path).response
        assert response.status_code == 429
        assert int(response["Retry-After"]) > 0
        assert "frame-ancestors *" in response["Content-Security-Policy"]


def test_a_frame_without_an_address_takes_that_of_the_page_around_it(client: Client, key):
    path = f"/embed/{key.plain}/thread"
    response = client.get(path, headers={"Referer": f"{PAGE}?utm_source=letter"})
    assert response.status_code == 200
    assert "url=https%3A%2F%2Fnews.example%2Ffirst" in response.content.decode()
    assert client.get(path).status_code == 400
    assert client.get(path, headers={"Referer": "https://elsewhere.example/"}).status_code == 403
