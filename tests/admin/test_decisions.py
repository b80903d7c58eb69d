"""Acts: one click decides, many at once too; nothing is overwritten, and all of it can be undone."""

from uuid import uuid4

import pytest
from django.db import OperationalError
from django.test import Client

from moderation.admin.desk import acts
from moderation.admin.desk.words import OFFERED_CODES, offered_acts
from moderation.domain.status import Action, Status
from moderation.flow.comments.decide import Choice, decide
from moderation.models import AuditEvent, Comment, Decision, Site, SiteKey
from moderation.models.role import RoleName
from tests.admin.desk import act, act_on_many, held, item_url, page, pick, status_of, undo_last
from tests.admin.people import client_of, person_with
from tests.builders import build_moderator, build_site, key_actor, person, submit, submit_screened

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.fixture
def other_site() -> Site:
    return build_site("The Morning Post", host="post.example")


@pytest.fixture
def client(site: Site) -> Client:
    return person_with(RoleName.MODERATOR, site)


def decide_as(site: Site, comment: Comment, action: Action, name: str = "rival") -> Decision:
    """Somebody else decides on the same comment."""
    rival = build_moderator([site], name)
    return decide(Choice(comment.id), site_id=site.id, action=action, reason="spam", actor=person(rival))


@pytest.mark.parametrize(
    ("button", "status"),
    [
        ("approve:fine", "published"),
        ("reject:off_topic", "rejected"),
        ("spam:spam", "spam"),
        ("delete:author_request", "deleted"),
    ],
)
def test_one_click_decides_with_the_buttons_reason(site, client, button, status):
    comment = held(site)
    response = act(client, comment, button)
    assert response.status_code == 302
    assert response["Location"] == "/admin/queue/#done"
    assert status_of(comment) == status
    decision = Decision.objects.get(comment=comment, actor_kind="person")
    assert f"{decision.action}:{decision.reason}" == button
    assert decision.actor_user is not None
    assert decision.actor_user.username == "mo"
    assert AuditEvent.objects.filter(
        kind=f"comment.{decision.action}", actor_user=decision.actor_user
    ).exists()


def test_another_reason_and_a_note_are_kept(site, client):
    comment = held(site)
    act(client, comment, "reject:off_topic", reason="privacy", note="  Names a neighbour. ")
    decision = Decision.objects.get(comment=comment, actor_kind="person")
    assert (decision.reason, decision.note) == ("privacy", "Names a neighbour.")
    assert "Names a neighbour." in page(client, "?tab=rejected")


def test_each_button_has_a_reason_that_fits_and_a_place_of_its_own():
    for status in (Status.HELD, Status.PUBLISHED, Status.SPAM, Status.REJECTED):
        offered = offered_acts(status)
        assert len(offered) == 4
        assert {one.reason for one in offered} <= OFFERED_CODES
    assert [one.word for one in offered_acts(Status.HELD)] == ["Approve", "Reject", "Spam", "Delete"]
    assert [one.word for one in offered_acts(Status.SPAM)] == ["Approve", "Reject", "Back to queue", "Delete"]
    assert offered_acts(Status.SPAM)[0].reason == "second_look"
    assert offered_acts(Status.HELD, ["wordlist.slur"])[1].reason == "hate"
    assert offered_acts(Status.DELETED) == []


def test_the_bar_says_what_was_done_and_stays_until_the_next_act(site, client):
    comment, other = held(site, "Ada"), held(site, "Bea")
    act(client, comment, "spam:spam")
    for _ in range(2):
        text = page(client)
        assert "1 comment marked as spam (Spam or advertising)." in text
        assert 'role="status"' in text
    act(client, other)
    assert "1 comment approved" in page(client)
    assert "marked as spam" not in page(client).partition("Your decisions today")[0]


def test_the_bar_stands_where_the_comment_was(site, client):
    first, second, third = held(site, "Ada"), held(site, "Bea"), held(site, "Cem")
    act(client, second, before=str(third.id))
    text = page(client)
    assert text.index(f"c-{first.id}") < text.index('id="done"') < text.index(f"c-{third.id}")


def test_an_act_is_undone_with_one_more_click(site, client):
    comment = held(site)
    act(client, comment)
    assert status_of(comment) == "published"
    response = undo_last(client)
    assert response["Location"] == "/admin/queue/#done"
    assert status_of(comment) == "held"
    text = page(client)
    assert "Undone: 1 comment is back where it was." in text
    assert ">Undo</button>" not in text


def test_many_are_decided_and_undone_together(site, client):
    comments = [held(site, name) for name in ("Ada", "Bea", "Cem")]
    act_on_many(client, comments, "spam:spam")
    assert {status_of(comment) for comment in comments} == {"spam"}
    assert "3 comments marked as spam" in page(client)
    undo_last(client)
    assert {status_of(comment) for comment in comments} == {"held"}
    assert "3 comments are back where they were" in page(client)


def test_all_on_the_page_means_those_that_were_shown(site, client):
    shown = [held(site, name) for name in ("Ada", "Bea")]
    later = held(site, "Cem")
    act_on_many(client, [], "approve:fine", everything="1", shown=[pick(comment) for comment in shown])
    assert [status_of(comment) for comment in (*shown, later)] == ["published", "published", "held"]


def test_many_of_several_sites_are_decided_and_undone_together(site, other_site):
    client = client_of(build_moderator([site, other_site]))
    comments = [held(site, "Ada"), held(other_site, "Bea", url="https://post.example/a")]
    act_on_many(client, comments, "spam:spam")
    assert {status_of(comment) for comment in comments} == {"spam"}
    undo_last(client)
    assert {status_of(comment) for comment in comments} == {"held"}


def test_what_cannot_be_done_is_listed_and_the_rest_goes_through(site, client):
    fresh, stale, gone = held(site, "Fresh"), held(site, "Stale"), held(site, "Gone")
    decide_as(site, stale, Action.SPAM)
    Comment.objects.filter(id=gone.id).update(status="deleted")
    act_on_many(client, [fresh, stale, gone], "approve:fine", note="All fine by me.")
    assert [status_of(comment) for comment in (fresh, stale, gone)] == ["published", "spam", "deleted"]
    text = page(client)
    assert "1 comment approved" in text
    assert "Stale: Somebody else changed this comment in the meantime. It is spam now" in text
    assert "marked as spam by rival, just now." in text
    assert "Gone: This comment was deleted." in text
    assert "Your note: All fine by me." in text


def test_a_stale_act_says_who_changed_it_and_keeps_what_was_typed(site, client):
    comment = held(site)
    decide_as(site, comment, Action.SPAM)
    response = act(client, comment, "reject:off_topic", reason="privacy", note="Half a thought")
    text = response.content.decode()
    assert response.status_code == 409
    assert "marked as spam by rival, just now." in text
    assert 'value="Half a thought"' in text
    assert '<option value="privacy" selected>' in text
    assert status_of(comment) == "spam"
    assert pick(Comment.objects.get(id=comment.id)) in text


def test_a_published_comment_can_be_taken_down_and_a_refused_one_put_up(site, client):
    comment = submit_screened(site)
    act(client, comment, "reject:off_topic", tab="published")
    comment.refresh_from_db()
    assert comment.status == "rejected"
    response = act(client, comment, "approve:second_look", tab="rejected")
    assert response["Location"] == "/admin/queue/?tab=rejected#done"
    comment.refresh_from_db()
    assert comment.status == "published"
    act(client, comment, "hold:second_look")
    assert status_of(comment) == "held"


def test_an_act_leads_back_to_where_it_was_sent_from(site, client):
    comment = held(site)
    response = act(client, comment, item=str(comment.id), tab="spam", site=site.slug, after="somewhere")
    assert response["Location"] == f"{item_url(comment.id)}?tab=spam&site={site.slug}&after=somewhere#done"
    text = client.get(item_url(comment.id)).content.decode()
    assert "1 comment approved" in text
    response = undo_last(client, item=str(comment.id))
    assert response["Location"] == f"{item_url(comment.id)}#done"


def test_nobody_is_led_off_the_desk(site, client):
    for name in ("item", "after", "before", "next"):
        response = act(client, held(site, f"R{name}"), **{name: "https://evil.example/"})
        assert response["Location"].startswith("/admin/queue/")


@pytest.mark.parametrize("everything", ["", "1"])
def test_picking_nothing_is_said_and_changes_nothing(site, client, everything):
    held(site)
    response = act_on_many(client, [], "spam:spam", everything=everything)
    assert response.status_code == 422
    assert "select at least one comment first" in response.content.decode()


@pytest.mark.parametrize(
    "data",
    [
        {"act": "explode:fine"},
        {"act": "approve:verdict.clean"},
        {"act": "approve:undo"},
        {"act": "approve:fine", "reason": "screening_failed"},
        {"act": "restore:undo"},
        {"act": ""},
        {"pick": "nonsense"},
        {"pick": f"{uuid4()}:1"},
        {"pick": f"{uuid4()}:-1"},
        {"pick": f"{uuid4()}:{'9' * 30}"},
        {"tab": "nonsense"},
        {"site": "nonsense"},
    ],
)
def test_what_no_form_of_ours_sends_is_refused(site, client, data):
    comment = held(site)
    response = client.post("/admin/queue/decide/", {"pick": pick(comment), "act": "approve:fine"} | data)
    assert response.status_code == 404
    assert status_of(comment) == "held"


def test_too_many_or_too_long_is_said(site, client):
    comment = held(site)
    response = act_on_many(client, [comment] * 101, "spam:spam")
    assert response.status_code == 422
    assert act(client, comment, note="x" * 1001).status_code == 422
    assert status_of(comment) == "held"


def test_another_sites_comment_is_not_there_and_nothing_else_is_done(site, other_site, client):
    own, foreign = held(site, "Own"), held(other_site, "Foreign", url="https://post.example/a")
    assert act(client, foreign).status_code == 404
    assert act_on_many(client, [own, foreign], "spam:spam").status_code == 404
    assert [status_of(own), status_of(foreign)] == ["held", "held"]


def test_another_sites_batch_and_decision_are_not_there(site, other_site, client):
    foreign = held(other_site, "Foreign", url="https://post.example/a")
    theirs = person_with(RoleName.MODERATOR, other_site, "theirs")
    act(theirs, foreign)
    bar = theirs.session["desk_last"]
    decision = Decision.objects.get(comment=foreign, actor_kind="person")
    for data in ({"of": bar["sites"]}, {"of": str(site.id)}, {"of": ""}, {}):
        response = client.post("/admin/queue/undo/", {"batch": bar["batch"]} | data)
        assert response.status_code == 404
    own = held(site)
    for comment in (foreign, own):
        response = client.post(f"/admin/queue/{comment.id}/undo/", {"decision": str(decision.id)})
        assert response.status_code == 404
    assert status_of(foreign) == "published"


@pytest.mark.parametrize("batch", ["", "x", "01a20a76-d6c0-700f-846e-241f88331ed6", "0" * 32, "f" * 32])
def test_a_batch_that_never_was_is_not_there(site, client, batch):
    response = client.post("/admin/queue/undo/", {"batch": batch, "of": str(site.id)})
    assert response.status_code == 404


def test_undo_tells_what_it_could_not_take_back(site, client):
    comment, other = held(site, "Ada"), held(site, "Bea")
    act_on_many(client, [comment, other], "approve:fine")
    decide_as(site, comment, Action.SPAM)
    undo_last(client)
    assert [status_of(comment), status_of(other)] == ["spam", "held"]
    text = page(client)
    assert "Undone: 1 comment is back where it was." in text
    assert "It is spam now: marked as spam by rival, just now." in text


def test_the_history_offers_to_undo_only_the_latest_act_of_a_person(site, client):
    comment = held(site)
    assert "Undo this" not in client.get(item_url(comment.id)).content.decode()
    act(client, comment)
    assert client.get(item_url(comment.id)).content.decode().count("Undo this") == 1
    decision = Decision.objects.get(comment=comment, actor_kind="person")
    for expected in ("held", "held"):
        response = client.post(f"/admin/queue/{comment.id}/undo/", {"decision": str(decision.id)})
        assert response["Location"] == f"{item_url(comment.id)}#done"
        assert status_of(comment) == expected
    assert "Nothing could be undone." in client.get(item_url(comment.id)).content.decode()


def test_a_busy_database_changes_nothing_and_is_said(site, client, monkeypatch):
    comment = held(site)

    def refuse(*_, **__):
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr(acts, "decide_many", refuse)
    response = act(client, comment)
    assert response.status_code == 409
    assert "cannot take this right now" in response.content.decode()


def test_a_comment_under_screening_is_left_to_the_checks(site, client):
    comment = submit(site)
    response = act(client, comment)
    assert response.status_code == 409
    assert "still being screened" in response.content.decode()


def test_decisions_of_keys_and_of_former_ones_are_named(site, client):
    comment = held(site)
    key = SiteKey.objects.create(site=site, kind="secret", label="Newsroom", public_id="newsroom")
    decide(Choice(comment.id), site_id=site.id, action=Action.SPAM, reason="spam", actor=key_actor(key.id))
    assert "Marked as spam by the key “Newsroom”" in client.get(item_url(comment.id)).content.decode()
    key.delete()
    assert "Marked as spam by a deleted account" in client.get(item_url(comment.id)).content.decode()


def test_forms_need_their_token(site):
    user = build_moderator([site])
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    comment = held(site)
    assert act(strict, comment).status_code == 403
    assert status_of(comment) == "held"
