"""What moderators see: what waits, why it waits, who wrote it, and nothing of other sites."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from moderation.flow.jobs import SWEEP_RUNNER
from moderation.models import AuditEvent, Comment, Decision, Screening, Site
from moderation.models.role import RoleName
from tests.admin.desk import act, held, item_url, linked_remark, page, status_of, undo_last
from tests.admin.people import client_of, person_with
from tests.builders import build_moderator, build_site, submit, submit_screened

pytestmark = pytest.mark.django_db

VECTORS = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7|add:7 }}", "'-alert(1)-'"]


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.fixture
def other_site() -> Site:
    return build_site("The Morning Post", host="post.example")


@pytest.fixture
def client(site: Site) -> Client:
    return person_with(RoleName.MODERATOR, site)


def names_on(text: str) -> list[str]:
    return re.findall(r"Select the comment by ([^<]+)<", text)


def test_a_held_comment_is_shown_with_all_that_helps_to_decide(site, client):
    comment = held(site, "Ada Reader", website="https://ada.example/")
    text = page(client)
    assert "a…@reader.example" in text
    assert "ada.reader@" not in text
    assert "A link (ada-reader.example) from an author without a record" in text
    assert re.search(r"<mark[^>]*>[^<]*ada-reader", text)
    assert "Why it was held" in text
    assert "would be published without reason 1 and reason 2;" in text
    assert "The address is not proven." in text
    assert 'href="https://news.example/first"' in text
    assert "First article" in text
    assert "https://ada.example/" in text
    assert 'href="https://ada.example' not in text
    assert item_url(comment.id) in text


def test_what_it_answers_and_the_authors_record_are_shown(site, client):
    parent = submit_screened(site, "Who knows how tides work?", name="Bea", email="ada.reader@reader.example")
    held(site, "Ada Reader", parent_id=parent.id)
    text = page(client)
    assert "In reply to <bdi>Bea</bdi>" in text
    assert "Who knows how tides work?" in text
    assert "1 published." in text


def test_the_oldest_comes_first_and_severe_ones_jump_ahead(site, client):
    held(site, "First")
    held(site, "Second")
    assert names_on(page(client)) == ["First", "Second"]


def test_a_severe_text_is_closed_at_first(site, client):
    comment = held(site, "Mild")
    assert '<details class="severe"' not in page(client)
    Screening.objects.filter(comment=comment).update(scores={"abuse": 9.0})
    assert "Show severe text (9.0 points for abuse)" in page(client)


def test_pages_lead_on_without_gap_or_repetition(site, client):
    for number in range(30):
        held(
            site,
            f"Reader {number:02}",
            linked_remark(number),
        )
    first = page(client)
    assert len(names_on(first)) == 25
    (address,) = re.findall(r'href="([^"]+)" rel="next"', first)
    second = client.get(address.replace("&amp;", "&")).content.decode()
    assert names_on(first) + names_on(second) == [f"Reader {number:02}" for number in range(30)]
    assert "Next page" not in second
    assert "First page" in second


def test_a_full_page_costs_as_many_queries_as_a_short_one(site, client):
    held(site, "Only one")
    page(client)
    with CaptureQueriesContext(connection) as one:
        page(client)
    for number in range(25):
        held(
            site,
            f"Reader {number:02}",
            linked_remark(number),
        )
    with CaptureQueriesContext(connection) as many:
        page(client)
    assert len(many) == len(one) <= 12


def test_the_other_lists_show_what_was_decided_the_newest_first(site, client):
    submit_screened(site, "An early, calm remark.", name="Early", email="early@reader.example")
    submit_screened(site, "A later, calm remark.", name="Late", email="late@reader.example")
    assert names_on(page(client, "?tab=published")) == ["Late", "Early"]
    spam = held(site, "Spammer")
    act(client, spam, "spam:spam")
    assert names_on(page(client, "?tab=spam")) == ["Spammer"]
    assert "Marked as spam by mo" in page(client, "?tab=spam")
    assert names_on(page(client, "?tab=rejected")) == []
    assert client.get("/admin/queue/?tab=nonsense").status_code == 404


def test_an_empty_queue_says_so_and_what_was_done_today(site, client):
    assert "No comments are waiting" in page(client)
    assert "You have not decided on any comment today" in page(client)
    act(client, held(site))
    assert "Thank you. Your decisions today: <b>1</b> approved." in page(client)


def test_what_was_undone_is_no_work_done(site, client):
    act(client, held(site))
    undo_last(client)
    assert "Your decisions today" not in page(client)


def test_only_the_persons_own_work_counts(site, client):
    held_comment = held(site)
    act(person_with(RoleName.MODERATOR, site, "other"), held_comment)
    assert "You have not decided on any comment today" in page(client)


def test_nothing_of_another_site_is_shown(site, other_site, client):
    foreign = held(other_site, "Foreigner", url="https://post.example/a")
    assert names_on(page(client)) == []
    assert client.get(f"/admin/queue/?site={other_site.slug}").status_code == 404
    assert client.get("/admin/queue/?site=none").status_code == 404
    assert client.get(item_url(foreign.id)).status_code == 404


def test_one_site_of_several_can_be_chosen(site, other_site):
    client = client_of(build_moderator([site, other_site]))
    held(site, "Here")
    held(other_site, "There", url="https://post.example/a")
    assert names_on(page(client)) == ["Here", "There"]
    assert names_on(page(client, f"?site={other_site.slug}")) == ["There"]
    assert f"{other_site.name} (1)" in page(client)


def test_people_without_a_role_see_no_comment(site):
    held(site)
    client = person_with(None, site, "guest")
    assert names_on(page(client)) == []


def test_strangers_are_sent_to_the_door(site):
    comment = held(site)
    for address in ("/admin/queue/", item_url(comment.id)):
        response = Client().get(address)
        assert response.status_code == 302
        assert "/admin/login/" in response["Location"]


@pytest.mark.parametrize("vector", VECTORS)
def test_whatever_was_typed_is_shown_as_text(site, client, vector):
    comment = held(site, "Ada Reader", f"{vector} https://evil.example/{vector}")
    Comment.objects.filter(id=comment.id).update(
        author_name=f"{vector} Ada", website=f"javascript:{vector}", email_mask=f"{vector}@x.example"
    )
    comment.thread.title, comment.thread.url = f"{vector} title", f"javascript:{vector}"
    comment.thread.save()
    Decision.objects.filter(comment=comment).update(note=vector)
    for text in (page(client), client.get(item_url(comment.id)).content.decode()):
        assert "<script>alert" not in text
        assert "<img" not in text
        assert 'href="javascript:' not in text
        assert "{{ 7" in text or "14 Ada" not in text


def test_a_comments_page_tells_everything(site, client):
    first = submit_screened(site, "An early remark on the matter.", name="Bea", email="bea@reader.example")
    comment = held(site, "Ada Reader")
    own = submit_screened(site, "Another remark of mine.", email="ada.reader@reader.example")
    reply = submit_screened(site, "So it is.", name="Cem", email="cem@reader.example")
    Comment.objects.filter(id=reply.id).update(parent=comment)
    text = client.get(item_url(comment.id)).content.decode()
    for each in (first, own, reply):
        assert item_url(each.id) in text
    for expected in (
        "links.first_link",
        "What the checks found",
        "policy version 1",
        f"by {SWEEP_RUNNER}",
        "Put into the queue by the checks",
        "comment.submitted",
        "Just before this comment",
        "Replies",
    ):
        assert expected in text
    assert AuditEvent.objects.filter(subject_id=str(comment.id)).count() == 2


def test_a_comments_page_needs_few_queries(site, client):
    parent = submit_screened(site, "A calm start.", name="Bea", email="bea@reader.example")
    comment = held(site, parent_id=parent.id)
    client.get(item_url(comment.id))
    with CaptureQueriesContext(connection) as queries:
        client.get(item_url(comment.id))
    assert len(queries) <= 20


def test_a_comment_whose_checks_never_finished_is_shown_too(site, client):
    comment = held(site)
    Screening.objects.all().delete()
    assert "The checks did not finish" in page(client)
    assert "No screening has finished." in client.get(item_url(comment.id)).content.decode()


def test_a_comment_under_screening_has_a_page_but_no_place_in_a_list(site, client):
    comment = submit(site)
    assert client.get(item_url(comment.id)).status_code == 200
    assert str(comment.id) not in page(client)


def test_looking_changes_nothing(site, client):
    comment = held(site)
    before = Comment.objects.filter(id=comment.id).values().get()
    events = AuditEvent.objects.count()
    client.get("/admin/queue/?act=approve:fine&pick=" + str(comment.id))
    client.get(item_url(comment.id))
    for path in ("decide/", "undo/", f"{comment.id}/undo/", f"{comment.id}/reveal/"):
        assert client.get(f"/admin/queue/{path}").status_code == 405
    assert Comment.objects.filter(id=comment.id).values().get() == before
    assert AuditEvent.objects.count() == events
    assert status_of(comment) == "held"


@pytest.mark.parametrize("after", ["x", "_", "2026-01-01_x", "infinity_1", "9999999_" + "9" * 40])
def test_a_place_that_never_was_is_the_beginning_or_the_end(site, client, after):
    held(site)
    assert client.get("/admin/queue/", {"after": after}).status_code == 200
    assert client.get("/admin/queue/", {"after": after, "tab": "spam"}).status_code == 200


def test_a_sample_is_worked_on_a_list_of_its_own(site, client, monkeypatch):
    monkeypatch.setattr("moderation.privacy.vault.draw_number", lambda *_, **__: 0.0)
    comment = submit_screened(site, "A calm remark.", name="Ada Reader")
    assert names_on(page(client)) == []
    text = page(client, "?tab=sample")
    assert names_on(text) == ["Ada Reader"]
    assert "drawn at random" in text
    assert 'value="approve:fine"' in text
    assert "Back to queue" not in text
    act(client, comment, "approve:fine", tab="sample")
    assert names_on(page(client, "?tab=sample")) == []
    assert status_of(comment) == "published"
    undo_last(client)
    assert names_on(page(client, "?tab=sample")) == ["Ada Reader"]
