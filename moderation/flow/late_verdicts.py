"""Late verdicts: tells a site's server when a comment is decided otherwise than it was told at once.

They are sent as Akismet sends them: a POST to the address that the request named, signed by nothing but the
site's key.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
import structlog
from django.conf import settings
from django.db import connection, transaction

from moderation.clients.outside import Request, post
from moderation.domain.remote import PASSING, CallFailed, Failure
from moderation.domain.status import Status
from moderation.flow import jobs
from moderation.flow.jobs import Lease
from moderation.flow.jobs.kinds import REMOTE, Kind
from moderation.flow.jobs.registry import register
from moderation.flow.site.akismet_keys import open_akismet_key
from moderation.lib.arrays import uuid_array
from moderation.lib.failpoints import failpoint
from moderation.lib.origins import origin_of
from moderation.lib.urls import host_of
from moderation.models import Comment, LateVerdict
from moderation.models.late_verdict import Told
from moderation.privacy.vault import VaultError

# A batch of calls that all time out ends within lease and time limit.
LATE_VERDICT = Kind("late_verdict", REMOTE, lease_s=60, batch=5, max_attempts=8, backoff_s=15)
TIME_LIMIT_S = 5.0
log = structlog.get_logger(__name__)

TOLD_OF_STATUS = {Status.PUBLISHED: Told.HAM, Status.SPAM: Told.SPAM, Status.REJECTED: Told.SPAM}

# Locked before any job, here and in `_finish`: whoever comes second sees what the first one wrote.
_ASKED_SQL = """
SELECT site_id, comment_id, told FROM late_verdict
WHERE comment_id = ANY(%s::uuid[]) AND error = '' ORDER BY comment_id FOR NO KEY UPDATE
"""


def tell_where_asked(decided: Mapping[UUID, Status]) -> None:
    """Enqueue the telling of those comments whose servers want to hear of it and were told otherwise.

    Part of the transaction that decides.
    """
    results = {each: TOLD_OF_STATUS[status] for each, status in decided.items() if status in TOLD_OF_STATUS}
    if not results:
        return
    with connection.cursor() as cursor:
        cursor.execute(_ASKED_SQL, [uuid_array(results)])
        asked = cursor.fetchall()
    subjects = [(site_id, comment_id) for site_id, comment_id, told in asked if told != results[comment_id]]
    if subjects:
        jobs.enqueue(LATE_VERDICT, subjects)


def _tell_batch(leases: Sequence[Lease], runner: str) -> None:
    jobs.run_each(LATE_VERDICT, leases, _tell_one, _give_up)


tell_due = register(LATE_VERDICT, _tell_batch)


def _tell_one(lease: Lease) -> None:
    """Send one verdict, then record it. If the worker is killed in between, it is sent twice, but never lost.

    Raises `CallFailed` where trying again may help.
    """
    if not jobs.renew([lease]):
        return  # the calls before it took so long that another worker has the job
    found = LateVerdict.objects.select_related("comment", "key", "site")
    late = found.filter(site_id=lease.site_id, comment_id=lease.subject_id).first()
    result = TOLD_OF_STATUS.get(Status(late.comment.status)) if late else None
    if late is None or result is None or result == late.told:
        jobs.finish([lease])  # decided back again, deleted, or past its time
        return
    try:
        _send(late, result)
    except CallFailed as failed:
        if failed.failure in PASSING:
            raise
        _finish(lease, error=failed.failure.value)
    else:
        failpoint("late_verdict.sent")
        _finish(lease, told=result.value)


def _send(late: LateVerdict, result: Told) -> None:
    """Raises `CallFailed`. The host may have been taken off the site since the request."""
    if host_of(late.url) not in late.site.hosts:
        raise CallFailed(Failure.NOT_ALLOWED)
    request = Request(
        url=late.url,
        headers={"Content-Type": "application/json"},
        body=orjson.dumps(_message(late, result, _open_key(late))),
        fields=(),
    )
    is_operators = origin_of(late.url) in settings.REMOTE_CHECK_ORIGINS
    status = post(request, timeout_s=TIME_LIMIT_S, only_public=not is_operators).status
    if status in (408, 429) or status >= 500:
        raise CallFailed(Failure.BUSY)
    if not 200 <= status < 300:
        raise CallFailed(Failure.BAD_ANSWER)


def _open_key(late: LateVerdict) -> str:
    """A revoked key has no text any more."""
    try:
        return open_akismet_key(late.key)
    except VaultError:
        raise CallFailed(Failure.UNAUTHORISED) from None


def _message(late: LateVerdict, result: Told, key: str) -> dict[str, Any]:
    comment = {"guid": str(late.comment_id), "result": result.value, **late.details}
    return {"key": key, "endpoint": "comment-check", "comments": [comment]}


@transaction.atomic
def _finish(lease: Lease, **changes: str) -> None:
    """End the job and record the outcome; tell again where it was decided otherwise while it was being told.

    Raises `LeaseLost`: the new owner of the job records it.
    """
    late = LateVerdict.objects.filter(site_id=lease.site_id, comment_id=lease.subject_id)
    list(late.select_for_update(no_key=True))
    if not jobs.finish([lease]):
        raise jobs.LeaseLost
    if late.update(**changes):
        status = Comment.objects.values_list("status", flat=True).get(id=lease.subject_id)
        tell_where_asked({lease.subject_id: Status(status)})


def _give_up(lease: Lease) -> None:
    """After hours without an answer nobody is told any more. No person can mend a site's server here."""
    log.warning("late verdict given up", site=lease.site_id)
    _finish(lease, error=Failure.GAVE_UP.value)
