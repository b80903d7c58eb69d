"""Deciding through the API: singly, in bulk, and back."""

import pytest

from moderation.models import AuditEvent, Comment, Decision, Site
from moderation.models.key import Scope
from tests.api.calls import Api, public_api, secret_api
from tests.builders import submit, submit_screened

pytestmark = pytest.mark.django_db

LINKED = "They say the opposite in https://city.example/rents though."
NOBODY = "019a0000-0000-7000-8000-000000000001"


@pytest.fixture
def held(site: Site) -> Comment:
    return submit_screened(site, LINKED)


@pytest.fixture
def api(site: Site) -> Api:
    return secret_api(site, Scope.DECIDE)


def decide_path(comment: Comment) -> str:
    return f"/api/v1/comments/{comment.id}/decisions"


def test_a_held_comment_is_approved_by_a_key(held: Comment, api: Api) -> None:
    answer = api.post(
        decide_path(held),
        {"action": "approve", "reason": "fine", "note": " Known reader. ", "version": held.version},
    )
    assert answer.status == 201
    assert (answer.body["from_status"], answer.body["to_status"]) == ("held", "published")
    assert (answer.body["by"], answer.body["note"]) == ("person", "Known reader.")
    held.refresh_from_db()
    assert (held.status, held.version) == ("published", answer.body["version"])
    decision = Decision.objects.get(id=answer.body["id"])
    assert decision.actor_key_id is not None
    event = AuditEvent.objects.get(kind="comment.approve")
    assert event.actor_key_id == decision.actor_key_id


def test_who_comes_second_is_told_how_it_stands(held: Comment, api: Api) -> None:
    api.post(decide_path(held), {"action": "spam", "reason": "spam"})
    late = api.post(decide_path(held), {"action": "approve", "reason": "fine", "version": held.version})
    assert (late.status, late.code) == (409, "stale_version")
    assert late.body["current"] == {"status": "spam", "version": held.version + 1}


def test_what_makes_no_sense_as_it_stands_is_refused(site: Site, held: Comment, api: Api) -> None:
    unscreened = submit(site, "Not screened yet.", email="bo@reader.example")
    for comment, action in ((unscreened, "approve"), (held, "hold")):
        answer = api.post(decide_path(comment), {"action": action, "reason": "fine"})
        assert (answer.status, answer.code) == (409, "action_not_possible")


def test_a_decision_is_taken_back(held: Comment, api: Api) -> None:
    made = api.post(decide_path(held), {"action": "reject", "reason": "off_topic"})
    undo = f"/api/v1/decisions/{made.body['id']}/undo"
    assert api.post(undo, {"version": 1}).code == "stale_version"
    answer = api.post(undo)
    assert (answer.status, answer.body["to_status"]) == (201, "held")
    assert answer.body["reverses"] == made.body["id"]
    assert api.post(undo, {}).code == "action_not_possible"
    assert api.post(f"/api/v1/decisions/{NOBODY}/undo").status == 404


def test_many_are_decided_alike_and_each_stands_alone(site: Site, held: Comment, api: Api) -> None:
    other = submit_screened(site, LINKED + " Again.", email="bo@reader.example")
    wanted = [
        {"id": str(held.id), "version": held.version},
        {"id": str(other.id), "version": 99},
        {"id": NOBODY},
    ]
    answer = api.post("/api/v1/decisions", {"comments": wanted, "action": "spam", "reason": "spam"})
    assert answer.status == 200
    first, second, third = answer.body["results"]
    assert first["decision"]["to_status"] == "spam"
    assert (second["problem"]["code"], second["problem"]["current"]["status"]) == ("stale_version", "held")
    assert third["problem"]["code"] == "not_found"
    assert str(Decision.objects.get(id=first["decision"]["id"]).batch_id) == answer.body["batch"]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"action": "restore"}, "action", "invalid_choice"),
        ({"action": None}, "action", "required"),
        ({"action": ["approve"]}, "action", "invalid_choice"),
        ({"reason": "verdict.spam"}, "reason", "invalid_choice"),
        ({"reason": "undo"}, "reason", "invalid_choice"),
        ({"reason": {}}, "reason", "invalid_choice"),
        ({"note": "n" * 1001}, "note", "too_long"),
        ({"note": 7}, "note", "not_text"),
        ({"version": 0}, "version", "invalid_number"),
        ({"version": True}, "version", "invalid_number"),
        ({"version": 1.0}, "version", "invalid_number"),
        ({"version": 2**31}, "version", "invalid_number"),
        ({"version": "1"}, "version", "invalid_number"),
        ({"site": "x"}, "", "unknown_field"),
    ],
)
def test_every_field_of_a_decision_is_checked(held, api, change, field, code) -> None:
    answer = api.post(decide_path(held), {"action": "approve", "reason": "fine"} | change)
    assert (answer.status, answer.fields) == (400, {field: code})
    held.refresh_from_db()
    assert held.status == "held"


@pytest.mark.parametrize(
    ("comments", "field", "code"),
    [
        (None, "comments", "invalid_list"),
        ([], "comments", "invalid_list"),
        ({"id": NOBODY}, "comments", "invalid_list"),
        ([{"id": NOBODY}] * 101, "comments", "invalid_list"),
        ([{"id": NOBODY}] * 2, "comments", "repeated"),
        ([NOBODY], "comments[0]", "not_an_object"),
        ([{"id": NOBODY}, {"version": 1}], "comments[1].id", "required"),
        ([{"id": 7}], "comments[0].id", "invalid_id"),
        ([{"id": NOBODY, "version": -1}], "comments[0].version", "invalid_number"),
        ([{"id": NOBODY, "x": 1}], "comments[0]", "unknown_field"),
    ],
)
def test_every_field_of_a_bulk_decision_is_checked(api, comments, field, code) -> None:
    body = {"comments": comments, "action": "spam", "reason": "spam"}
    answer = api.post("/api/v1/decisions", body)
    assert (answer.status, answer.fields) == (400, {field: code})


def test_deciding_needs_the_scope(site: Site, held: Comment) -> None:
    for api in (public_api(site), secret_api(site, Scope.SUBMIT, Scope.READ)):
        answer = api.post(decide_path(held), {"action": "approve", "reason": "fine"})
        assert (answer.status, answer.code) == (403, "missing_scope")


def test_the_reasons_are_those_that_a_person_may_give(api: Api) -> None:
    codes = [reason["code"] for reason in api.get("/api/v1/reasons").body["reasons"]]
    assert "spam" in codes
    assert "undo" not in codes
    assert not [code for code in codes if code.startswith("verdict.")]
