"""comment-check: what is answered, and what is stored."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from moderation.domain.status import Action
from moderation.flow.comments.decide import Choice, decide
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import change_policy, change_site, revoke_key
from moderation.models import Comment, Contact, Job, LateVerdict, Site, SiteKey, Thread
from moderation.models.key import Scope
from moderation.privacy import vault
from moderation.queries.keys import forget_keys
from tests.builders import build_moderator, build_site, person, screen_all, submit
from tests.compat.akismet.calls import BLOG, CLEAN, KEY, LINKED, SPAM, check, secret_key, stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("key")]

CALLBACK = "https://news.example/wp-json/akismet/v1/webhook"
PLAIN = "text/plain; charset=utf-8"


def test_ham_is_answered_and_stored_as_the_sites_comment(site: Site) -> None:
    answer = check()
    assert (answer.status, answer.raw, answer.kind) == (200, b"false", PLAIN)
    comment = stored(answer)
    assert (comment.site, comment.status, comment.author_name) == (site, "screening", "Ada Reader")
    assert (comment.thread.url, comment.ip_prefix) == ("https://news.example/first", "203.0.113.0")
    assert Job.objects.filter(kind="screen", subject_id=comment.id).count() == 1
    screen_all()
    comment.refresh_from_db()
    assert comment.status == "published"


def test_spam_is_answered_and_stored_too() -> None:
    answer = check(SPAM)
    assert answer.raw == b"true"
    screen_all()
    assert stored(answer).status == "spam"


def test_an_answer_has_the_id_and_neither_a_debug_nor_an_alert_header() -> None:
    for content in (CLEAN, SPAM, LINKED):
        names = set(check(content).headers)
        assert "x-akismet-guid" in names
        assert {n for n in names if "debug" in n or "alert" in n or "error" in n} == set()


def test_blatant_spam_may_be_discarded() -> None:
    assert check(SPAM).headers["x-akismet-pro-tip"] == "discard"
    assert "x-akismet-pro-tip" not in check().headers


def test_the_address_is_sealed_like_any_other() -> None:
    comment = stored(check())
    contact = Contact.objects.get(comment=comment)
    opened = vault.unseal(contact.sealed, site_id=comment.site_id, comment_id=comment.id)
    assert opened == "ada@reader.example"
    assert comment.email_mask != "ada@reader.example"


def test_reasons_and_a_classification_are_told_to_those_who_read_them() -> None:
    spam, ham = check(SPAM, classify="1"), check(classify="1")
    assert re.fullmatch(r"[\w.:-]+=[\d.]+(,[\w.:-]+=[\d.]+)*", spam.headers["x-moderation-reasons"])
    assert spam.headers["x-akismet-classification"] == "spam"
    assert ham.headers["x-akismet-classification"] == "ham"
    assert "x-moderation-reasons" not in ham.headers
    assert "x-akismet-classification" not in check(SPAM, comment_author="Bo").headers


def test_what_is_held_is_ham_for_now_and_promised_a_late_verdict_where_one_can_be_sent() -> None:
    answer = check(LINKED, callback=CALLBACK)
    assert (answer.raw, answer.headers["x-akismet-recheck-after"]) == (b"false", "120")
    late = LateVerdict.objects.get()
    assert (late.comment_id, late.url, late.told) == (stored(answer).id, CALLBACK, "pending")


def test_without_a_callback_nothing_is_promised() -> None:
    answer = check(LINKED)
    assert answer.raw == b"false"
    assert "x-akismet-recheck-after" not in answer.headers
    assert not LateVerdict.objects.exists()


@pytest.mark.parametrize(("content", "told"), [(CLEAN, "false"), (SPAM, "true")])
def test_a_plain_answer_promises_nothing_but_is_corrected_later(content: str, told: str) -> None:
    assert "x-akismet-recheck-after" not in check(content, callback=CALLBACK).headers
    assert LateVerdict.objects.get().told == told


@pytest.mark.parametrize(
    "callback",
    [
        *("https://other.example/hook", "http://127.0.0.1:8000/hook", "http://169.254.169.254/"),
        *("https://news.example@evil.example/", "news.example/hook", "https://news.example:8443/hook"),
        *("ftp://news.example/", "//news.example"),
        *("https://news.example/" + "a" * 3000, "https://", "\x00", "javascript:alert(1)"),
    ],
)
def test_a_callback_leads_to_the_site_itself_or_nowhere(callback: str) -> None:
    answer = check(LINKED, callback=callback)
    assert answer.raw == b"false"
    assert "x-akismet-recheck-after" not in answer.headers
    assert not LateVerdict.objects.exists()


def test_nobodys_address_stays_in_a_callback() -> None:
    check(LINKED, callback=f"{CALLBACK}?key=1&reader=ada@reader.example#x")
    assert LateVerdict.objects.get().url == f"{CALLBACK}?key=1"


def test_what_wordpress_finds_its_comment_by_is_kept_for_the_callback_and_no_more() -> None:
    check(LINKED, callback=CALLBACK, comment_post_ID="7", comment_parent="3", comment_post_id="x")
    assert LateVerdict.objects.get().details == {"comment_post_ID": "7", "comment_parent": "3"}
    check(LINKED + "!", callback=CALLBACK, comment_post_ID="ada@reader.example", comment_parent="")
    assert LateVerdict.objects.order_by("created_at").last().details == {}  # type: ignore[union-attr]


def test_the_same_comment_again_is_answered_alike_and_stored_once() -> None:
    first = check(callback=CALLBACK)
    again = check(callback=CALLBACK, recheck_reason="recheck", user_agent="x", comment_author="Ada R.")
    assert again.raw == first.raw
    assert again.headers["x-akismet-guid"] == first.headers["x-akismet-guid"]
    assert Comment.objects.count() == LateVerdict.objects.count() == 1


def test_a_held_comment_again_is_promised_its_verdict_again() -> None:
    first = check(LINKED, callback=CALLBACK)
    screen_all()
    again = check(LINKED, callback=CALLBACK)
    assert (again.raw, again.headers["x-akismet-recheck-after"]) == (b"false", "120")
    assert again.headers["x-akismet-guid"] == first.headers["x-akismet-guid"]


def test_a_comment_that_was_decided_is_answered_by_the_decision(site: Site) -> None:
    answer = check()
    screen_all()
    actor = person(build_moderator([site]))
    decide(Choice(stored(answer).id), site_id=site.id, action=Action.SPAM, reason="spam", actor=actor)
    again = check(recheck_reason="recheck")
    assert (again.raw, again.headers["x-akismet-guid"]) == (b"true", answer.headers["x-akismet-guid"])
    assert "x-akismet-pro-tip" not in again.headers


def test_the_same_words_by_others_or_elsewhere_are_comments_of_their_own() -> None:
    check()
    check(comment_author="Bo Writer", comment_author_email="bo@reader.example")
    check(permalink="https://news.example/second")
    assert Comment.objects.count() == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"is_test": "1"},
        {"is_test": "true"},
        {"is_test": "YES"},
        {"user_role": "administrator"},
        {"comment_author": "akismet-guaranteed-spam"},
        {"comment_author_email": "akismet-guaranteed-spam@example.com"},
        {"comment_author": "viagra-test-123"},
        {"comment_type": "contact-form"},
        {"comment_type": "signup"},
        {"comment_content": ""},
        {"comment_content": "\u200b \u2800"},
        {"comment_author_email": "", "user_ip": "unknown"},
        {"permalink": "", "blog": "https://news.example/" + "a" * 3000},
    ],
    ids=str,
)
def test_tests_private_texts_and_empty_ones_are_answered_and_not_stored(changes: dict[str, str]) -> None:
    answer = check(**{"callback": CALLBACK, **changes})
    assert answer.raw in (b"true", b"false")
    assert answer.headers["x-akismet-guid"]
    assert not Comment.objects.exists()
    assert not LateVerdict.objects.exists()


def test_an_administrator_is_ham_and_the_spammer_of_tests_is_spam() -> None:
    assert check(SPAM, user_role="administrator").raw == b"false"
    assert check(comment_author="akismet-guaranteed-spam", classify="1").raw == b"true"
    assert check(SPAM, is_test="0").raw == b"true"
    assert Comment.objects.count() == 1


def test_a_filled_honeypot_counts_against_a_comment() -> None:
    for changes in (
        {"honeypot_field_name": "website2", "website2": "x"},
        {"honeypot_field_name": "website2", "POST_website2": "x"},
        {"POST_ak_hp_textarea": "x"},
    ):
        answer = check(f"{CLEAN} {len(changes)} {'website2' in changes}", **changes)
        assert "form.honeypot" in answer.headers["x-moderation-reasons"]
        assert stored(answer).form_facts["honeypot_filled"] is True
    assert "x-moderation-reasons" not in check(honeypot_field_name="website2").headers


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("comment_content", "a" * 12_000),
        ("comment_content", "Zalgo" + "\u0300" * 40 + " was here."),
        ("comment_content", "With a bell\x07 and a NUL\x00."),
        ("comment_author", "a" * 300),
        ("comment_author", "\u202etxet"),
        ("comment_author", "Two\nlines"),
        ("comment_author", ""),
        ("comment_author_email", "not an address"),
        ("comment_author_url", "javascript:alert(1)"),
        ("comment_author_url", "https://long.example/" + "a" * 500),
        ("comment_date_gmt", "2999-01-01T00:00:00Z"),
        ("comment_date_gmt", "yesterday"),
        ("comment_date_gmt", "0001-01-01T00:00:00+14:00"),
        ("permalink", "https://other.example/page"),
        ("permalink", "https://news.example/" + "a" * 3000),
        ("permalink", ""),
    ],
)
def test_what_cannot_be_kept_as_it_came_is_kept_as_far_as_possible(field: str, value: str) -> None:
    fields = {"content": CLEAN, **({"content": value} if field == "comment_content" else {field: value})}
    answer = check(**fields)
    assert answer.raw in (b"true", b"false")
    comment = stored(answer)
    assert comment.thread.url.startswith("https://news.example/")


def test_what_is_dropped_is_no_more_than_has_to_be() -> None:
    def kept(content: str) -> str:
        return stored(check(content)).current_revision.body

    assert kept("नमस्ते\x00 दुनिया") == "नमस्ते दुनिया"
    assert kept("Zalgo" + "\u0300" * 40 + " was\n\nhere.") == "Zalgò was here."
    assert kept("One line.\r\nAnother.") == "One line.\nAnother."
    assert kept("b" * 12_000) == "b" * 10_000


def test_the_time_of_writing_is_kept_where_it_can_be_true() -> None:
    written_at = stored(check(comment_date_gmt="2026-01-02 03:04:05")).submitted_at
    assert written_at.isoformat() == "2026-01-02T03:04:05+00:00"
    later = stored(check("Another remark.", comment_date_gmt="2999-01-02 03:04:05")).submitted_at
    assert later.year < 2999


def test_a_closed_thread_is_answered_without_storing(site: Site, settings: Settings) -> None:
    submit(site, "An opening remark.")
    Thread.objects.update(is_open=False)
    before = Comment.objects.count()
    assert check().raw == b"false"
    assert Comment.objects.count() == before


def test_a_sites_policy_and_rules_decide_here_too(site: Site) -> None:
    change_policy(site.id, actor=SYSTEM, settings={"spam_at": 1000.0, "spam_codes": []})
    assert check(SPAM).raw == b"false"
    change_policy(site.id, actor=SYSTEM, settings={"reject_codes": ["test.spam"], "spam_codes": []})
    answer = check(SPAM, comment_author="Bo", classify="1")
    assert (answer.raw, answer.headers["x-akismet-classification"]) == (b"true", "rule")
    assert "x-akismet-pro-tip" not in answer.headers


def test_a_secret_key_checks_too_but_gets_no_late_verdict(site: Site) -> None:
    answer = check(LINKED, api_key=secret_key(site, Scope.SUBMIT), callback=CALLBACK)
    assert (answer.raw, stored(answer).site) == (b"false", site)
    assert "x-akismet-recheck-after" not in answer.headers


def test_a_key_that_may_only_score_is_answered_and_nothing_is_stored(site: Site) -> None:
    assert check(api_key=secret_key(site, Scope.SCORE)).raw == b"false"
    assert not Comment.objects.exists()


def test_a_check_takes_one_statement_once_the_key_is_known(site: Site, settings: Settings) -> None:
    settings.KEY_MEMORY_S = 600.0
    forget_keys()
    check("An opening remark.")
    with CaptureQueriesContext(connection) as captured:
        check(callback=CALLBACK)
    statements = [each["sql"] for each in captured if "SAVEPOINT" not in each["sql"]]
    assert len(statements) == 1, statements
    forget_keys()


def test_the_key_decides_the_site_and_its_hosts_what_it_may_check(site: Site) -> None:
    other = build_site("The Other Paper", host="other.example")
    secret = secret_key(other, Scope.SUBMIT, Scope.DECIDE)
    refused = check(api_key=secret)
    assert (refused.status, refused.raw) == (200, b"invalid")
    assert "other.example" in refused.headers["x-akismet-debug-help"]
    own = {"blog": "https://other.example", "permalink": "https://other.example/a"}
    assert check(api_key=secret, **own).raw == b"false"
    assert [comment.site for comment in Comment.objects.all()] == [other]


@pytest.mark.parametrize("missing", ["blog", "user_ip"])
def test_a_missing_field_is_named(missing: str) -> None:
    answer = check(**{missing: ""})
    assert answer.raw == b"invalid"
    assert missing in answer.headers["x-akismet-debug-help"]
    assert answer.headers["x-akismet-error"] == "missing-required-field"


def test_hosts_with_a_port_are_told_apart(site: Site) -> None:
    change_site(site.id, {"hosts": ["localhost:8080"]}, actor=SYSTEM)
    assert check(blog="http://localhost:8080", permalink="http://localhost:8080/?p=1").raw == b"false"
    assert check(blog=BLOG).raw == b"invalid"


def test_a_revoked_key_is_refused(key: SiteKey) -> None:
    assert check(api_key=KEY).raw == b"false"
    revoke_key(key.id, site_id=key.site_id, actor=SYSTEM)
    answer = check()
    assert (answer.raw, "x-akismet-guid" in answer.headers) == (b"invalid", False)
