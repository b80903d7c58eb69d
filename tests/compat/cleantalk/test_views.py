"""CleanTalk's address: checks that are stored as comments, and moderators' decisions."""

import io
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError

from moderation.compat.shapes import shape_refusal
from moderation.domain.status import Status
from moderation.flow.jobs.kinds import WEB_RUNNER
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import change_site, create_key, revoke_key
from moderation.models import Comment, Contact, Decision, Screening, Site
from moderation.models.key import KeyKind, Scope
from tests.builders import build_site
from tests.compat.cleantalk.test_mapping import SPAM, THREAT
from tests.compat.cleantalk.test_reading import FULL
from tests.compat.mutations import assert_unbroken, load_pairs, mutants, send, shape_of
from tests.compat.wire import WireAnswer, call

pytestmark = pytest.mark.django_db
PATH = "/compat/cleantalk/api2.0"
RECORDED = Path(__file__).parent / "recorded"
NAMES = [pair.name for pair in load_pairs(RECORDED)]
ALL = [Scope.SUBMIT, Scope.DECIDE]


@pytest.fixture
def site() -> Site:
    return build_site()


def make_key(site: Site, *scopes: Scope) -> str:
    return create_key(site.id, KeyKind.SECRET, scopes=scopes or ALL, actor=SYSTEM).plain


@pytest.fixture
def key(site: Site) -> str:
    return make_key(site)


def ask(key: str, **fields: Any) -> dict[str, Any]:
    """The body of an answer with status 200."""
    answer = call("POST", PATH, FULL | {"auth_key": key, "method_name": "check_message"} | fields)
    assert answer.status == 200
    found: dict[str, Any] = answer.body
    return found


def report(key: str, feedback: str) -> dict[str, Any]:
    return ask(key, method_name="send_feedback", feedback=feedback)


def is_own_shape(answer: WireAnswer) -> bool:
    if answer.kind != "application/json":
        return False
    return {"comment", "account_status", "version"} <= set(answer.body)


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_request_is_answered_in_the_same_form(name: str, key: str):
    (pair,) = [each for each in load_pairs(RECORDED, key=key) if each.name == name]
    answer = send(pair.request)
    assert answer.status == pair.status
    assert shape_of(answer.body) == shape_of(pair.response)
    for field in ("allow", "spam", "received", "errno", "account_status"):
        assert answer.body.get(field) == pair.response.get(field)


def test_a_checked_comment_is_one_of_the_sites(site: Site, key: str):
    answer = ask(key)
    comment = Comment.objects.get()
    assert answer["id"] == comment.id.hex
    assert (comment.site_id, comment.author_name, comment.thread.url) == (
        site.id,
        "Ada",
        "https://news.example/first",
    )
    assert comment.current_revision.body == "Well observed."
    assert Contact.objects.get(comment=comment).sealed


def test_the_same_comment_again_has_the_same_id_and_is_stored_once(key: str):
    assert ask(key)["id"] == ask(key)["id"]
    assert Comment.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"post_info": {"comment_type": "contact_form", "post_url": "https://news.example/first"}},
        {"post_info": {"comment_type": "comment", "post_url": "https://elsewhere.example/"}},
        {"post_info": {}},
        {"message": ""},
        {"message": "a" * 10_001},
        {"sender_email": "", "sender_ip": ""},
        {"method_name": "check_newuser"},
    ],
)
def test_what_is_private_or_of_another_site_is_judged_and_not_stored(key: str, changes: dict[str, Any]):
    assert len(ask(key, **changes)["id"]) == 32
    assert Comment.objects.count() == 0


def test_a_key_that_may_only_score_stores_nothing(site: Site):
    assert ask(make_key(site, Scope.SCORE))["allow"] == 1
    assert Comment.objects.count() == 0


def test_a_closed_site_is_answered_and_stores_nothing(site: Site, key: str):
    change_site(site.id, {"is_open": False}, actor=SYSTEM)
    assert ask(key)["allow"] == 1
    assert Comment.objects.count() == 0


def test_feedback_decides_as_a_moderator_does(site: Site, key: str):
    fine, spam = ask(key), ask(key, message=SPAM)
    unknown = "f" * 32
    told = f"{fine['id']}:1;{spam['id']}:0;{unknown}:0;x:1"
    assert report(key, told)["received"] == 2
    status = {comment.id.hex: comment.status for comment in Comment.objects.all()}
    assert status == {fine["id"]: Status.PUBLISHED, spam["id"]: Status.SPAM}
    decided = Decision.objects.count()
    assert report(key, told)["received"] == 2  # a report that comes twice changes nothing
    assert Decision.objects.count() == decided
    assert Decision.objects.filter(actor_key__isnull=False).count() == 2
    assert Screening.objects.get(comment_id=UUID(fine["id"])).runner == WEB_RUNNER  # never public unchecked


def test_feedback_about_another_sites_comment_does_nothing(key: str):
    checked = ask(key)
    other = make_key(build_site("The Other Paper", host="other.example"))
    assert report(other, f"{checked['id']}:0")["received"] == 0
    assert Comment.objects.get().status == Status.SCREENING


def test_feedback_needs_its_permission(site: Site, key: str):
    checked = ask(key)
    answer = report(make_key(site, Scope.SUBMIT), f"{checked['id']}:0")
    assert (answer["errno"], answer["allow"]) == (5, 0)
    assert not Decision.objects.exists()


def test_wrong_public_and_revoked_keys_are_refused_alike(site: Site):
    made = create_key(site.id, KeyKind.SECRET, scopes=ALL, actor=SYSTEM)
    assert "errno" not in ask(made.plain)
    revoke_key(made.key.id, site_id=site.id, actor=SYSTEM)
    public = create_key(site.id, KeyKind.PUBLIC, actor=SYSTEM).plain
    answers = [ask(sent) for sent in (made.plain, public, "", "wrong", None)]  # type: ignore[arg-type]
    assert answers == [answers[0]] * 5
    assert (answers[0]["errno"], answers[0]["allow"], answers[0]["account_status"]) == (2, 0, 0)


def test_the_key_decides_whose_words_count(site: Site, key: str):
    assert ask(key, message=THREAT)["codes"] == "FORBIDDEN HELD ABUSE"
    other = build_site("The Other Paper", host="other.example")
    assert ask(make_key(other), message=THREAT)["allow"] == 0
    assert {comment.site_id for comment in Comment.objects.all()} == {site.id}


@pytest.mark.parametrize("path", ["/compat/cleantalk", "/compat/cleantalk/", f"{PATH}/"])
def test_other_spellings_of_the_address_do(path: str):
    assert call("POST", path, {"auth_key": "x"}).body["errno"] == 2


def test_other_methods_addresses_and_long_bodies_are_refused_in_the_same_shape(key: str):
    wrong_method = call("GET", PATH)
    assert (wrong_method.status, wrong_method.headers["allow"]) == (405, "POST")
    lost, long = call("POST", f"{PATH}/x"), call("POST", PATH, b"a" * 140_000)
    assert [lost.status, long.status] == [404, 413]
    assert all(map(is_own_shape, (wrong_method, lost, long)))
    shaped = shape_refusal(PATH, status=503, code="busy", detail="Too many requests.")
    assert shaped is not None
    assert json.loads(shaped.body)["comment"] == "*** Too many requests. ***"


def test_a_key_has_a_minute_of_its_own_where_calls_are_limited(key: str, settings):
    settings.SCORE_CALLS_PER_MINUTE = 1
    assert "errno" not in ask(key)
    late = call("POST", PATH, FULL | {"auth_key": key, "method_name": "check_message"})
    assert (late.status, late.body["errno"]) == (429, 8)
    assert int(late.headers["retry-after"]) > 0
    assert Comment.objects.count() == 1


def test_without_a_database_it_is_unavailable_for_a_moment(monkeypatch: pytest.MonkeyPatch):
    def fail(text: str) -> None:
        raise OperationalError

    monkeypatch.setattr("moderation.compat.cleantalk.views.find_caller", fail)
    answer = call("POST", PATH, {"auth_key": "x"})
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert is_own_shape(answer)


def test_neither_key_nor_text_nor_address_gets_into_the_log(key: str, written: io.StringIO):
    ask(key, message=THREAT)
    ask(f"{key}x")
    call("POST", f"{PATH}/x", {"auth_key": key})
    for secret in (key.split("_", 3)[3], "stupid", "ada@example.org"):
        assert secret not in written.getvalue()


@pytest.mark.fuzz
@pytest.mark.parametrize("name", NAMES)
def test_mutants_break_nothing(name: str, key: str):
    (pair,) = [each for each in load_pairs(RECORDED, key=key) if each.name == name]
    answered = 0
    for mutant in mutants([pair], seed=14, count=2000):
        answered += "errno" not in assert_unbroken(mutant, is_own_shape).body
    assert answered or "errno" in pair.response
