"""What an author sees of a comment that is not public, and nobody else."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from moderation.domain.status import Action, Status
from moderation.flow.comments.decide import Choice, decide
from moderation.models import Comment
from moderation.privacy.tokens import CommentLink, comment_token
from tests.builders import build_moderator, person, screen_all, submit, submit_screened
from tests.embed.forms import PATH, build_demo_site, fetch, location_of, send, url

pytestmark = pytest.mark.django_db
LINK = "Look at <b>this</b>: https://mending.example/start"


@pytest.fixture(autouse=True)
def site():
    return build_demo_site()


def own_path(comment: Comment, link: CommentLink = CommentLink.VIEW) -> str:
    return f"{PATH}?unapproved={comment.id}&view={comment_token(comment.id, link)}"


def test_while_it_is_checked_the_page_says_so_and_looks_again_once(client: Client):
    sent = send(client)
    first = fetch(client, location_of(sent))
    assert told(first.text) == "Being checked: only you can see this. The page reloads in a moment."
    assert "waiting" not in first.text
    assert "My grandmother sold eggs" in first.text
    refresh = first.response["Refresh"]
    assert refresh.startswith("2; url=/articles/")
    again = fetch(client, refresh.partition("url=")[2].partition("#")[0])
    assert "Refresh" not in again.response
    assert told(again.text).startswith("Still being checked: only you can see this.")
    assert "waiting" not in again.text
    (link,) = re.findall(r'<a href="([^"#]+)#[^"]+" target="_self">Look again</a>', again.text)
    once_more = fetch(client, unescape(link))
    assert told(once_more.text).startswith("Still being checked")
    screen_all()
    assert told(fetch(client, unescape(link)).text) == "Your comment is published."


def told(text: str) -> str:
    """The notice in the author's own comment."""
    (notice,) = re.findall(r'<p class="comment-told" role="status">(.*?)(?: <a|</p>)', text)
    return str(notice)


def test_a_held_comment_is_shown_to_its_author_only_as_it_will_be_published(client: Client, site):
    comment = submit_screened(site, LINK, url=url())
    assert comment.status == Status.HELD
    own = fetch(client, own_path(comment))
    assert own.status == 200
    assert told(own.text) == "Awaiting moderation: only you can see this"
    assert "<p>Look at &lt;b&gt;this&lt;/b&gt;: <a>https://mending.example/start</a></p>" in own.text
    assert 'href="https://mending.example' not in own.text
    assert "mending.example" not in fetch(client).text


def test_such_a_page_is_kept_and_found_by_nobody(client: Client, site):
    response = fetch(client, own_path(submit_screened(site, LINK, url=url()))).response
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Referrer-Policy"] == "no-referrer"


def test_a_published_comment_stands_in_the_thread(client: Client, site):
    comment = submit_screened(site, url=url())
    own = fetch(client, own_path(comment)).text
    assert told(own) == "Your comment is published."
    assert own.count(f'id="comment-{comment.id}"') == 1
    assert "Awaiting" not in own


def test_a_rejected_comment_was_not_published_and_no_more_is_said(client: Client, site):
    comment = submit_screened(site, LINK, url=url())
    mo = build_moderator([site])
    choice = Choice(comment.id, comment.version)
    decide(choice, site_id=site.id, action=Action.REJECT, reason="insult", actor=person(mo))
    own = fetch(client, own_path(comment)).text
    notice = rf'id="comment-{comment.id}" role="status">Your comment was not published.</p>'
    assert re.search(rf'{notice}\s+<div class="respond"', own)
    assert "mending.example" not in own
    assert "insult" not in own.lower()


def test_the_link_of_another_comment_opens_nothing(client: Client, site):
    mine, other = (
        submit(site, url=url()),
        submit_screened(site, LINK, name="Other", email="o@reader.example", url=url()),
    )
    token = comment_token(mine.id, CommentLink.VIEW)
    sent = fetch(client, f"{PATH}?unapproved={other.id}&view={token}")
    assert sent.status == 403
    assert "mending.example" not in sent.text


def test_a_status_link_shows_no_text(client: Client, site):
    held = submit_screened(site, LINK, url=url())
    sent = fetch(client, own_path(held, CommentLink.STATUS))
    assert sent.status == 403
    assert "mending.example" not in sent.text


def test_a_link_shows_nothing_on_another_page(client: Client, site):
    held = submit_screened(site, LINK, url="http://127.0.0.1:8000/other")
    assert fetch(client, own_path(held)).status == 403


def test_an_old_link_has_expired(client: Client, site):
    held = submit_screened(site, LINK, url=url())
    path = own_path(held)
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        sent = fetch(client, path)
    assert sent.status == 410
    assert re.search(rf'id="comment-{held.id}" role="status">[^<]* no longer valid', sent.text)
    assert "mending.example" not in sent.text


def test_an_own_reply_stands_under_what_it_answers_however_old(client: Client, site):
    root = submit_screened(site, "The very first remark.", url=url())
    for number in range(51):
        submit(site, f"Later remark {number}.", email=f"r{number}@reader.example", url=url())
    screen_all()
    reply = submit(site, "A late answer.", parent_id=root.id, email="late@reader.example", url=url())
    own = fetch(client, own_path(reply)).text
    assert own.index("The very first remark.") < own.index("A late answer.")
    assert "Later remark 50." not in own


def test_the_browser_remembers_only_on_consent_and_only_sealed(client: Client):
    sent = send(client, **{"wp-comment-cookies-consent": "yes", "url": "https://wilma.example"})
    (cookie,) = [each for name, each in sent.response.cookies.items() if name.startswith("comment_author_")]
    assert "wilma" not in cookie.value
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 365 * 24 * 3600
    page = fetch(client)
    assert 'value="wilma@reader.example"' in page.text
    assert 'value="Wilma Dray"' in page.text
    assert " checked>" in page.text
    assert page.response["Cache-Control"] == "private, no-store"
    send(client, comment="Another remark.")
    assert "wilma@reader.example" not in fetch(client).text


def test_a_forged_or_old_cookie_is_ignored(client: Client):
    send(client, **{"wp-comment-cookies-consent": "yes"})
    with time_machine.travel(timezone.now() + timedelta(days=366)):
        assert "wilma@" not in fetch(client).text
    (name,) = [name for name in client.cookies if name.startswith("comment_author_")]
    client.cookies[name] = "v1:x:AAAA"
    assert fetch(client).status == 200
