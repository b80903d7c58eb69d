"""submit-spam and submit-ham: decisions of the site's own people."""

from typing import Any

import pytest

from moderation.compat.akismet.checking import find_same
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import create_key
from moderation.models import Comment, Decision, Job, LateVerdict, Site, SiteKey, Thread
from moderation.models.key import KeyKind, Scope
from moderation.queries.due_comments import load_due_comments
from tests.builders import build_site, screen_all, submit, submit_screened
from tests.compat.akismet.calls import CLEAN, KEY, LINKED, SPAM, check, post, report, secret_key, stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("key")]

THANKS = b"Thanks for making the web a better place."


def decisions(comment: Comment) -> list[tuple[str, str, str]]:
    made = Decision.objects.filter(comment=comment, actor_kind="person").order_by("comment_version")
    return [(each.action, each.from_status, each.to_status) for each in made]


def test_spam_that_was_missed_is_decided_as_by_a_moderator(key: SiteKey) -> None:
    answer = check()
    screen_all()
    comment = stored(answer)
    reported = report("spam", guid=str(comment.id), comment_check_response="false")
    assert (reported.status, reported.raw, reported.kind) == (200, THANKS, "text/plain; charset=utf-8")
    assert decisions(comment) == [("spam", "published", "spam")]
    decision = Decision.objects.get(comment=comment, actor_kind="person")
    assert (decision.actor_key, decision.reason) == (key, "spam")
    assert Job.objects.filter(kind="learn").exists()


def test_ham_that_was_taken_for_spam_is_published() -> None:
    comment = stored(check(SPAM))
    screen_all()
    assert report("ham", SPAM, guid=str(comment.id)).raw == THANKS
    assert decisions(comment) == [("approve", "spam", "published")]
    assert Comment.objects.get().published_revision_id is not None


def test_a_report_may_come_before_the_worker_which_then_changes_nothing() -> None:
    comment = stored(check())
    assert report("spam", guid=str(comment.id)).raw == THANKS
    assert decisions(comment) == [("spam", "screening", "spam")]
    screen_all()
    assert stored(check()).status == "spam"
    assert Decision.objects.count() == 1


def test_ham_reported_before_the_worker_is_readable() -> None:
    comment = stored(check(SPAM))
    report("ham", SPAM, guid=str(comment.id))
    screen_all()
    comment.refresh_from_db()
    assert comment.status == "published"
    assert comment.published_revision is not None
    assert "GTUBE" in comment.published_revision.body_html


def test_ham_reported_before_the_worker_is_not_questioned_by_it() -> None:
    comment = stored(check(LINKED))
    report("ham", LINKED, guid=str(comment.id))
    screen_all()
    assert decisions(comment) == [("approve", "held", "published")]
    report("ham", "Never seen before: https://harbour.example/tides")
    screen_all()
    assert set(Comment.objects.values_list("status", flat=True)) == {"published"}


def test_a_check_that_was_faster_than_a_report_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [None, find_same]

    def find_late(*given: Any) -> Any:
        found = answers.pop(0)
        return found and found(*given)

    comment = stored(check())
    monkeypatch.setattr("moderation.compat.akismet.reports.find_same", find_late)
    assert report("spam").raw == THANKS
    assert decisions(comment) == [("spam", "screening", "spam")]


def test_a_report_twice_decides_once() -> None:
    comment = stored(check())
    for _ in range(2):
        assert report("spam", guid=str(comment.id)).raw == THANKS
    assert len(decisions(comment)) == 1
    report("ham", guid=str(comment.id))
    report("spam", guid=str(comment.id))
    assert [to for _, _, to in decisions(comment)] == ["spam", "published", "spam"]


@pytest.mark.parametrize("guid", ["", "nonsense", "01a20000-0000-7000-8000-000000000000"])
def test_without_a_usable_id_the_comment_is_found_by_what_it_says(guid: str) -> None:
    comment = stored(check())
    report("spam", guid=guid)
    assert decisions(comment) == [("spam", "screening", "spam")]
    assert Comment.objects.count() == 1


def test_it_is_found_without_its_address_by_its_name() -> None:
    comment = stored(check())
    report("spam", comment_author_email="", user_ip="198.51.100.7")
    assert len(decisions(comment)) == 1


def test_of_equal_texts_that_of_the_author_is_meant() -> None:
    check(comment_author_email="bo@reader.example")
    comment = stored(check())
    report("spam")
    assert len(decisions(comment)) == Decision.objects.count() == 1


def test_an_unknown_comment_is_stored_and_decided() -> None:
    report("spam", "Never seen before.")
    comment = Comment.objects.get()
    assert decisions(comment) == [("spam", "screening", "spam")]
    screen_all()
    assert Comment.objects.get().status == "spam"


@pytest.mark.parametrize("kind", ["spam", "ham"])
def test_a_reported_comment_is_no_part_of_its_authors_record(kind: str) -> None:
    report("spam", "An earlier one.")
    report(kind, "The reported one.")
    (due,) = load_due_comments([Comment.objects.latest("id").id])
    assert (due.author.published, due.author.spam) == (0, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"is_test": "1"},
        {"comment_author": "akismet-guaranteed-spam"},
        {"comment_author_email": "akismet-guaranteed-spam@example.com"},
        {"comment_type": "contact-form"},
        {"comment_content": ""},
        {"permalink": "", "blog": "https://news.example/" + "a" * 3000},
    ],
    ids=str,
)
def test_what_is_never_stored_is_thanked_for(changes: dict[str, str]) -> None:
    assert report("spam", **changes).raw == THANKS
    assert not Comment.objects.exists()


def test_where_nothing_can_be_stored_it_is_thanked_for(site: Site) -> None:
    submit(site, "An opening remark.")
    Thread.objects.update(is_open=False)
    assert report("spam").raw == THANKS
    assert Comment.objects.count() == 1


def test_a_deleted_comment_stays_deleted() -> None:
    comment = stored(check())
    Comment.objects.update(status="deleted")
    assert report("ham", guid=str(comment.id)).raw == THANKS
    assert Comment.objects.get().status == "deleted"


def test_what_the_site_reports_it_is_not_told_again() -> None:
    answer = check(LINKED, callback="https://news.example/hook")
    screen_all()
    report("spam", LINKED, guid=answer.headers["x-akismet-guid"])
    assert LateVerdict.objects.get().told == "pending"
    assert not Job.objects.filter(kind="late_verdict").exists()


def test_another_sites_comment_is_neither_found_nor_decided(site: Site) -> None:
    other = build_site("The Other Paper", host="other.example")
    theirs = submit_screened(other, CLEAN, may_create_thread_anywhere=True)
    report("spam", guid=str(theirs.id))
    assert decisions(theirs) == []
    assert [comment.status for comment in Comment.objects.filter(site=site)] == ["spam"]


def test_a_key_without_the_right_to_decide_is_told_so(site: Site) -> None:
    answer = report("spam", api_key=secret_key(site, Scope.SUBMIT))
    assert (answer.status, answer.raw) == (200, b"invalid")
    assert "report" in answer.headers["x-akismet-debug-help"]
    assert not Comment.objects.exists()


def test_a_key_that_may_only_decide_stores_nothing(site: Site) -> None:
    deciding = secret_key(site, Scope.DECIDE)
    assert report("spam", api_key=deciding).raw == THANKS
    assert not Comment.objects.exists()
    comment = stored(check())
    report("spam", api_key=deciding)
    assert len(decisions(comment)) == 1


@pytest.mark.parametrize("kind", ["spam", "ham"])
def test_strangers_are_refused(site: Site, kind: str) -> None:
    public = create_key(site.id, KeyKind.PUBLIC, actor=SYSTEM).plain
    for text in ("", "000000000000", KEY.upper(), public):
        answer = report(kind, api_key=text)
        assert answer.raw == b"invalid"
        assert answer.headers["x-akismet-debug-help"]
    assert post(f"/1.1/submit-{kind}", {"api_key": KEY}).raw == b"invalid"
    assert not Comment.objects.exists()
