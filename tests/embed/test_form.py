"""The classic form: field by field, refusal by refusal."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import InternalError, OperationalError
from django.test import Client
from django.utils import timezone
from psycopg.errors import TransactionTimeout

from moderation.domain.status import Status
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import change_thread
from moderation.models import Comment, Contact, Job, Revision, Thread
from moderation.privacy.tokens import form_token
from tests.builders import build_site, screen_all, submit, submit_screened
from tests.embed.forms import PATH, POST_TO, build_demo_site, fetch, hidden_inputs, send, url

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site():
    return build_demo_site()


def stored() -> int:
    return (
        Comment.objects.count()
        + Revision.objects.count()
        + Contact.objects.count()
        + Job.objects.filter(kind="screen").count()
    )


def test_the_form_has_the_classic_fields_in_their_order(client: Client):
    page = fetch(client).text
    names = re.findall(r'<(?:input|textarea|button)[^>]* name="([^"]+)"', page)
    assert names == [
        *("comment", "author", "email", "url", "wp-comment-cookies-consent", "comment_subject"),
        *("form_token", "comment_post_ID", "comment_parent", "submit"),
    ]
    for words in (
        "Leave a Reply",
        '<span id="email-notes">Your email address will not be published.</span>',
        "Required fields are marked",
        "Save my name, email, and website in this browser for the next time I comment.",
        "Post Comment",
    ):
        assert words in page
    assert re.search(r'id="email"[^>]*aria-describedby="email-notes"', page)
    assert hidden_inputs(page)["comment_parent"] == "0"


def test_a_good_comment_is_stored_and_its_author_led_to_it(client: Client):
    sent = send(client)
    comment = Comment.objects.get()
    assert sent.status == 303
    assert sent.response["Location"].startswith(f"{PATH}?unapproved={comment.id}&view=")
    assert sent.response["Location"].endswith(f"#comment-{comment.id}")
    assert sent.response["Cache-Control"] == "private, no-store"
    assert sent.response["Referrer-Policy"] == "no-referrer"
    assert comment.thread.key == url()
    assert comment.form_facts["source"] == "form"
    assert comment.form_facts["token_age_s"] >= 0


def test_a_get_on_the_post_address_is_refused(client: Client):
    response = client.get(POST_TO)
    assert response.status_code == 405
    assert response["Allow"] == "POST"


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"comment": ""}, "comment", "Write your comment."),
        ({"comment": "x" * 10_001}, "comment", "Keep it to 10,000 characters; it has 10,001 now."),
        ({"author": " "}, "author", "Enter your name."),
        ({"author": "x" * 101}, "author", "Keep it to 100 characters; it has 101 now."),
        ({"email": ""}, "email", "Enter an address like name@example.org."),
        ({"email": "wilma at home"}, "email", "Enter an address like name@example.org."),
        ({"url": "not a site"}, "url", "Enter an address like https://example.org, or leave this empty."),
    ],
)
def test_a_wrong_field_is_named_beside_it_and_above(client: Client, changes, field, message):
    sent = send(client, **{"comment": "Worth keeping.", "author": "Wilma & Co"} | changes)
    assert sent.status == 422
    assert "Some fields need your attention." in sent.text
    assert f'<p class="field-error" id="{field}-error">{message}</p>' in sent.text
    assert f'<a href="#{field}" target="_self">' in sent.text
    (tag,) = re.findall(rf'<(?:input|textarea) id="{field}"[^>]*>', sent.text)
    assert 'aria-invalid="true"' in tag
    assert f"{field}-error" in tag
    assert "<title>Not posted yet: " in sent.text
    if "comment" not in changes:
        assert "Worth keeping.</textarea>" in sent.text
    if "author" not in changes:
        assert 'value="Wilma &amp; Co"' in sent.text
    assert stored() == 0


def test_all_wrong_fields_are_named_at_once(client: Client):
    sent = send(client, comment="", author="", email="")
    assert sent.text.count('class="field-error"') == 3


def test_a_refused_form_comes_back_at_its_summary_of_errors(client: Client):
    """By the fragment: it works where a browser moves no focus (frames of other sites, phones)."""
    page = fetch(client).text
    assert f'action="{POST_TO}#respond"' in page
    assert '<div class="respond" id="respond">' in page
    refused = send(client, author="").text
    assert f'action="{POST_TO}#respond"' in refused
    assert re.search(r'id="respond" tabindex="-1" role="group"[^>]* aria-describedby="form-problem"', refused)
    assert refused.index('id="respond"') < refused.index('id="form-problem"') < refused.index("<form")


def test_the_form_says_what_formatting_works(client: Client):
    page = fetch(client).text
    assert "You can use *emphasis*, **strong**, &gt; quotes, lists, `code` and links." in page
    assert re.search(r'<textarea id="comment"[^>]*aria-describedby="comment-hint"', page)
    assert 'aria-describedby="comment-hint comment-error"' in send(client, comment="").text


def test_name_and_email_may_be_left_out_where_the_site_says_so(client: Client, site):
    site.requires_email = False
    site.save()
    assert fetch(client).text.count('<span class="required" aria-hidden="true">*</span>') == 1
    assert send(client, author="", email="").status == 303


def test_a_comment_said_before_is_told_so(client: Client):
    assert send(client).status == 303
    sent = send(client)
    assert sent.status == 409
    assert "Duplicate comment detected; it looks as though you&#x27;ve already said that!" in sent.text
    assert "My grandmother sold eggs on that boat.</textarea>" in sent.text
    assert Comment.objects.count() == 1


def test_a_flood_is_slowed_down(client: Client):
    answers = [send(client, comment=f"Remark number {number}.") for number in range(6)]
    sent = answers[-1]
    assert sent.status == 429
    assert int(sent.response["Retry-After"]) >= 1
    assert "You are posting comments too quickly. Slow down. Try again in" in sent.text
    assert "Remark number 5.</textarea>" in sent.text
    assert Comment.objects.count() == sum(answer.status == 303 for answer in answers)


def test_a_closed_site_keeps_the_text_for_copying(client: Client, site):
    hidden = hidden_inputs(fetch(client).text)
    site.is_open = False
    site.save()
    response = client.post(
        POST_TO, {**hidden, "comment": "Too late.", "author": "W", "email": "w@reader.example"}
    )
    text = response.content.decode()
    assert response.status_code == 403
    assert "Comments are closed here." in text
    assert "Too late.</textarea>" in text
    assert "<form" not in text
    assert stored() == 0


def test_a_closed_thread_shows_no_form(client: Client, site):
    comment = submit_screened(site, url=url())
    change_thread(comment.thread_id, site_id=site.id, is_open=False, actor=SYSTEM)
    page = fetch(client).text
    assert "Comments are closed here." in page
    assert "<form" not in page
    assert ">Reply<" not in page


def test_a_reply_names_whom_it_answers(client: Client, site):
    parent = submit_screened(site, url=url(), name="Ruben <Vale>")
    page = fetch(client, f"{PATH}?replyto={parent.id}").text
    assert "Leave a Reply to <bdi>Ruben &lt;Vale&gt;</bdi>" in page
    assert "Cancel reply" in page
    assert send(client, page=f"{PATH}?replyto={parent.id}").status == 303
    assert Comment.objects.get(depth=1).parent == parent


def test_the_reply_form_opens_under_the_comment_that_it_answers(client: Client, site):
    first, second = (
        submit_screened(site, f"{word} remark.", email=f"{word}@reader.example", url=url())
        for word in ("First", "Second")
    )
    page = fetch(client, f"{PATH}?replyto={first.id}").text
    places = [page.index(text) for text in (f"comment-{first.id}", 'id="respond"', f"comment-{second.id}")]
    assert places == sorted(places)
    assert page.count("<form") == page.count('id="respond"') == 1
    assert f'href="{PATH}?comment={first.id}#comment-{first.id}">Cancel reply</a>' in page
    assert page.count(f'href="{PATH}#respond">Leave a comment</a>') == 2
    refused = send(client, page=f"{PATH}?replyto={second.id}", comment="").text
    assert refused.index("Second remark.") < refused.index('id="form-problem"')
    assert hidden_inputs(refused)["comment_parent"] == str(second.id)


def test_a_reply_form_finds_a_comment_far_back(client: Client, site):
    first = submit_screened(site, "The very first remark.", url=url())
    for number in range(51):
        submit(site, f"Later remark {number}!", email=f"r{number}@reader.example", url=url())
    screen_all()
    page = fetch(client, f"{PATH}?replyto={first.id}").text
    assert page.index("The very first remark.") < page.index('id="respond"')
    assert "Later remark 50!" not in page


@pytest.mark.parametrize("parent", ["held", "unknown", "nonsense", "elsewhere"])
def test_a_reply_to_what_readers_cannot_see_is_refused(client: Client, site, parent):
    ids = {"unknown": str(uuid4()), "nonsense": "17"}
    if parent == "held":
        held = submit_screened(site, "See https://a.example/ and https://b.example/ now", url=url())
        assert held.status == Status.HELD
        ids["held"] = str(held.id)
    if parent == "elsewhere":
        ids["elsewhere"] = str(submit_screened(site, url="http://127.0.0.1:8000/other").id)
    before = stored()
    sent = send(client, comment_parent=ids[parent])
    assert sent.status == 403
    assert "you can reply only to a published comment" in sent.text
    assert "My grandmother sold eggs on that boat.</textarea>" in sent.text
    assert hidden_inputs(sent.text)["comment_parent"] == "0"
    assert stored() == before


def test_an_old_form_asks_to_confirm_and_keeps_the_text(client: Client):
    hidden = hidden_inputs(fetch(client).text)
    typed = {"comment": "Written over night.", "author": "W", "email": "w@reader.example"}
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        response = client.post(POST_TO, {**hidden, **typed})
        text = response.content.decode()
        assert response.status_code == 422
        assert "This page was open for a long time." in text
        assert "Written over night.</textarea>" in text
        assert stored() == 0
        again = client.post(POST_TO, {**hidden_inputs(text), **typed})
    assert again.status_code == 303
    assert Comment.objects.get().form_facts["token_confirmed"] is True


@pytest.mark.parametrize("token", ["", "nonsense", "AAAA" * 20])
def test_a_form_without_our_token_asks_to_confirm(client: Client, token):
    sent = send(client, form_token=token)
    assert sent.status == 422
    assert "Please confirm that you want to post this." in sent.text
    assert "My grandmother sold eggs on that boat.</textarea>" in sent.text
    assert stored() == 0


def test_another_sites_token_is_none(client: Client):
    foreign = form_token(site_id=build_site().id, thread=url())
    assert send(client, form_token=foreign).status == 422


def test_a_robot_that_fills_the_hidden_field_learns_nothing(client: Client):
    sent = send(client, comment_subject="http://buy.example")
    assert sent.status == 303
    screen_all()
    assert Comment.objects.get().status == Status.SPAM
    page = fetch(client, sent.response["Location"].partition("#")[0]).text
    assert "Your comment was not published." in page
    assert "spam" not in page.lower().replace("youtube spam collection", "")


def too_long() -> InternalError:
    """What the server answers when it has ended a transaction for its length."""
    error = InternalError("terminating connection due to transaction timeout")
    error.__cause__ = TransactionTimeout()
    return error


@pytest.mark.parametrize("error", [OperationalError("the connection is lost"), too_long()])
def test_without_a_database_the_text_is_kept(client: Client, monkeypatch, error: Exception):
    hidden = hidden_inputs(fetch(client).text)

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("moderation.embed.newspaper.find_site_by_slug", fail)
    typed = {
        "comment": "Still here.",
        "author": "W",
        "email": "w@reader.example",
        "wp-comment-cookies-consent": "1",
    }
    response = client.post(POST_TO, {**hidden, **typed})
    text = response.content.decode()
    assert response.status_code == 503
    assert int(response["Retry-After"]) >= 1
    assert "Still here.</textarea>" in text
    assert f'action="{POST_TO}#respond"' in text
    assert hidden_inputs(text)["form_token"] == hidden["form_token"]


def test_without_a_database_the_article_can_be_read(client: Client, monkeypatch):
    fetch(client)

    def fail(*_: object, **__: object) -> None:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr("moderation.embed.newspaper.find_site_by_slug", fail)
    sent = fetch(client)
    assert sent.status == 503
    assert "Ring once. We have heard you." in sent.text
    assert "The discussion cannot be shown right now." in sent.text
    assert fetch(client, "/").status == 200


def test_without_a_database_a_fresh_process_denies_nothing(client: Client, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr("moderation.embed.newspaper.find_site_by_slug", fail)
    monkeypatch.setattr("moderation.embed.newspaper._seen", {"demo": False})
    for path in ("/", PATH):
        sent = fetch(client, path)
        assert sent.status == 503, "a 404 would have search engines forget the page"
        assert int(sent.response["Retry-After"]) >= 1
        assert "We have heard you." not in sent.text, "nobody knows whether the demo is here"


def test_strange_input_is_refused_politely(client: Client):
    for name in ("comment", "author", "email", "url"):
        sent = send(client, **{name: "a\x00b"})
        assert sent.status == 422, name
    assert stored() == 0
    assert Thread.objects.count() == 0
