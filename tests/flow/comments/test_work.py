"""The proof of work on a comment's way: what it proves, that it does so once, and what follows without it."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from moderation.domain.errors import Duplicate, ThreadClosed
from moderation.domain.status import Status
from moderation.domain.work import WorkMode
from moderation.flow.comments.submit import submit_comment
from moderation.flow.keeping.purge import purge_step
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import change_site
from moderation.models import Comment, Screening, Site, UsedChallenge
from tests.builders import build_site, build_submission, screen_all, submit
from tests.work import easy_work, solved_for

__all__ = ["easy_work"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("easy_work")]

FORM = {"source": "form", "token_age_s": 60.0}


@pytest.fixture
def site() -> Site:
    return build_site(proof_of_work=WorkMode.ALWAYS)


def post(site: Site, body: str = "A calm and reasonable remark.", **changes: Any) -> Comment:
    """A reader's comment after its screening."""
    comment = submit(site, body, **{"form_facts": FORM, **changes})
    screen_all()
    comment.refresh_from_db()
    return comment


def codes_of(comment: Comment) -> set[str]:
    return {signal["code"] for signal in Screening.objects.get(comment=comment).signals}


def test_with_the_proof_a_comment_is_published_as_ever(site: Site) -> None:
    comment = post(site, work=solved_for(site))
    assert (comment.status, comment.form_facts["work"]) == (Status.PUBLISHED, "done")
    assert UsedChallenge.objects.get().site_id == site.id


@pytest.mark.parametrize(("work", "code"), [("", "form.no_work"), ("nonsense", "form.wrong_work")])
@pytest.mark.parametrize("source", ["form", "script"])
def test_without_it_a_moderator_looks_and_nothing_is_refused(
    site: Site, work: str, code: str, source: str
) -> None:
    comment = post(site, work=work, form_facts={**FORM, "source": source})
    assert comment.status == Status.HELD
    assert code in codes_of(comment)
    assert not UsedChallenge.objects.exists()


def test_another_sites_proof_is_none(site: Site) -> None:
    other = build_site("Other", host="other.example", proof_of_work=WorkMode.ALWAYS)
    assert "form.wrong_work" in codes_of(post(site, work=solved_for(other)))


def test_a_sites_own_server_needs_none(site: Site) -> None:
    comment = post(site, form_facts={"source": "server"})
    assert comment.status == Status.PUBLISHED
    assert "work" not in comment.form_facts


def test_a_proof_is_good_for_one_comment(site: Site) -> None:
    work = solved_for(site)
    first = post(site, work=work)
    second = post(site, "Another calm remark about something else.", email="bo@reader.example", work=work)
    assert (first.status, second.status) == (Status.PUBLISHED, Status.HELD)
    assert "form.used_work" in codes_of(second)
    assert UsedChallenge.objects.count() == 1


def test_a_repeated_request_with_its_key_gets_the_same_comment(site: Site) -> None:
    given: dict[str, Any] = {
        "form_facts": FORM,
        "work": solved_for(site),
        "idempotency_key": "k",
        "request_hash": b"r",
    }
    first = submit_comment(build_submission(site, **given))
    again = submit_comment(build_submission(site, **given))
    assert (again.comment_id, again.is_new) == (first.comment_id, False)
    screen_all()
    assert Comment.objects.get().status == Status.PUBLISHED


def test_what_is_refused_does_not_use_the_proof_up(site: Site) -> None:
    work = solved_for(site)
    post(site, "From one network.", ip="203.0.113.9", work=solved_for(site))
    with pytest.raises(Duplicate):
        post(site, "From one network.", ip="203.0.113.9", work=work)
    assert post(site, "Another remark.", work=work).form_facts["work"] == "done"
    site.is_open = False
    site.save()
    closed = solved_for(site)
    with pytest.raises(ThreadClosed):
        post(site, "To a closed thread.", work=closed)
    site.is_open = True
    site.save()
    assert post(site, "The thread is open again.", work=closed).form_facts["work"] == "done"


def test_switched_off_it_leaves_nothing_and_switched_on_it_costs_no_further_query() -> None:
    off, on = build_site(), build_site("On", host="on.example", proof_of_work=WorkMode.ALWAYS)
    work, pages = solved_for(on), {off: "https://news.example/a", on: "https://on.example/a"}
    counts = []
    for site, page in pages.items():
        post(site, url=page)  # opens the thread
        with CaptureQueriesContext(connection) as queries:
            submit(site, "One more remark of mine.", form_facts=FORM, work=work, url=page)
        counts.append(len(queries))
        assert ("used_challenge" in str(queries.captured_queries)) == (site == on)
    assert counts[0] == counts[1]
    assert not Comment.objects.filter(site=off, form_facts__has_key="work").exists()


def test_a_comment_from_before_the_switch_is_not_held_for_it(site: Site) -> None:
    change_site(site.id, {"proof_of_work": "off"}, actor=SYSTEM)
    site.refresh_from_db()
    comment = submit(site, form_facts=FORM)
    change_site(site.id, {"proof_of_work": "always"}, actor=SYSTEM)
    screen_all()
    comment.refresh_from_db()
    assert comment.status == Status.PUBLISHED


def test_in_waves_the_proof_is_noted_and_missed_only_while_one_runs(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_site(site.id, {"proof_of_work": "wave"}, actor=SYSTEM)
    site.refresh_from_db()
    calm = post(site)
    assert (calm.status, calm.form_facts["work"]) == (Status.PUBLISHED, "none")
    monkeypatch.setattr("moderation.queries.spam_waves.find_waves", set)
    assert post(site, "Another remark on the same page.").status == Status.HELD
    assert post(site, "A third remark, with work.", work=solved_for(site)).status == Status.PUBLISHED


def test_used_challenges_are_purged_after_they_expired(site: Site) -> None:
    post(site, work=solved_for(site))
    assert purge_step()["used_challenge"] == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE used_challenge SET created_at = now() - interval '25 hours'")
    assert purge_step()["used_challenge"] == 1
    assert not UsedChallenge.objects.exists()
