"""What has served its time goes, and nothing else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from moderation.flow import jobs
from moderation.flow.jobs import SWEEP_RUNNER
from moderation.flow.jobs.kinds import ALL_SITES
from moderation.flow.keeping import purge
from moderation.flow.keeping.purge import PURGE, purge_due, purge_step
from moderation.models import Comment, Contact, Fingerprint, IdempotencyKey, Job
from tests.builders import build_site, submit_screened

pytestmark = pytest.mark.django_db

TEXT = "The council has published the plans for the new bridge, and they are worth reading in full. "


def test_a_purge_removes_what_is_past_its_time_and_keeps_the_text() -> None:
    site = build_site()
    comment = submit_screened(site, TEXT, ip="203.0.113.7", idempotency_key="k", request_hash=b"x" * 32)
    kept = submit_screened(site, TEXT + "Really.", email="bo@reader.example", ip="203.0.113.8")
    long_ago = Now() - timedelta(days=400)
    Comment.objects.filter(id=comment.id).update(created_at=long_ago)
    Contact.objects.filter(comment=comment).update(created_at=long_ago)
    IdempotencyKey.objects.update(created_at=long_ago)
    Fingerprint.objects.filter(comment=comment).update(created_at=long_ago)

    counts = purge_step()

    assert counts["contact"] == counts["ip"] == counts["idempotency_key"] == 1
    assert counts["fingerprint"] > 0
    comment.refresh_from_db()
    kept.refresh_from_db()
    assert (comment.ip_prefix, comment.ip_hash, comment.current_revision.body) == ("", None, TEXT.strip())
    assert kept.ip_prefix
    assert Contact.objects.filter(comment=kept).exists()


@pytest.mark.django_db(transaction=True)
def test_a_purge_locks_nothing_but_what_it_removes() -> None:
    site = build_site()
    link = "See https://heron.example/x and call +1 555 010 0199. "
    for number in range(2):
        submit_screened(
            site,
            f"{link}{TEXT}{number}",
            email=f"r{number}@reader.example",
            ip="203.0.113.7",
            idempotency_key=f"k{number}",
            request_hash=b"x" * 32,
        )
    due = Comment.objects.earliest("id")
    Contact.objects.filter(comment=due).update(created_at=Now() - timedelta(days=400))
    Comment.objects.filter(id=due.id).update(created_at=Now() - timedelta(days=400))
    held = {"contact": 1, "comment": 1, "idempotency_key": 2, "text_fingerprint": 2, "campaign_key": 4}
    with transaction.atomic():
        counts = purge_step()
        assert (counts["contact"], counts["ip"], sum(counts.values())) == (1, 1, 2)
        assert {table: count_free(table) for table in held} == held
    assert count_free("comment") == 2


def count_free(table: str) -> int:
    """The rows that another connection could lock now."""

    def count() -> int:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM (SELECT 1 FROM {table} FOR UPDATE SKIP LOCKED) AS free")
                found: int = cursor.fetchone()[0]
                return found
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(count).result()


def test_the_purge_comes_round_again_by_itself() -> None:
    build_site()
    jobs.start_standing([PURGE])
    assert purge_due(runner=SWEEP_RUNNER) == 1
    job = Job.objects.annotate(moment=Now()).get(kind="purge")
    assert (job.due_at - job.moment).total_seconds() > 3000
    assert purge_due(runner=SWEEP_RUNNER) == 0


def test_the_jobs_that_each_site_once_had_end_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = count()
    monkeypatch.setattr(purge, "purge_step", lambda: {"contact": next(steps)})
    sites = [build_site(), build_site("The Morning Post", host="post.example")]
    with transaction.atomic():
        jobs.enqueue(PURGE, [(site.id, site.id) for site in sites])
    jobs.start_standing([PURGE])
    assert purge_due(runner=SWEEP_RUNNER) == 3
    assert list(Job.objects.values_list("kind", "subject_id")) == [("purge", ALL_SITES)]
    assert next(steps) == 1, "the schedule is the same for all sites"
