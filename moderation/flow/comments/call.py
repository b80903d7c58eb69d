"""Calls outside services: decides what may be sent, calls them in parallel within their time limits, and
records how they fared.

Only the audit events of addresses that leave are written inside a transaction.
"""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, transaction

from moderation.clients.askers import ASKERS
from moderation.clients.outside import Request, post
from moderation.domain.remote import (
    PASSING,
    UNWELL,
    AnswerState,
    CallFailed,
    Failure,
    Question,
    RemoteKind,
)
from moderation.flow.record import VERDICT, Event, record_many
from moderation.lib.origins import origin_of
from moderation.models import Contact
from moderation.privacy.redact import redact
from moderation.privacy.vault import VaultError, unseal, unseal_secret
from moderation.queries.remote_reports import WaitingQuestion

# The breaker opens after this many failures in a row.
OPEN_AFTER = 5
FIRST_PAUSE_S = 30
MOST_PAUSE_S = 600

_TODAY = "(clock_timestamp() AT TIME ZONE 'UTC')::date"


def _pause(failures: str) -> str:
    """The pause doubles with each failure after the one that opened the breaker."""
    return (
        f"make_interval(secs => LEAST({FIRST_PAUSE_S} * power(2, LEAST({failures} - {OPEN_AFTER}, 10)), "
        f"{MOST_PAUSE_S}))"
    )


# If `paused_until` lies further ahead than any pause, the clock was set back.
_IS_PAUSED = f"""COALESCE(
    paused_until > clock_timestamp()
    AND paused_until <= clock_timestamp() + make_interval(secs => {MOST_PAUSE_S}), false
)"""

# Takes one call from the day's budget. When a pause is over, the same statement starts the next one, so that
# a single call tries whether the service works again while all others stay away.
TAKE_CALL_SQL = f"""
UPDATE remote_service
SET calls = CASE WHEN calls_on = {_TODAY} THEN calls + 1 ELSE 1 END, calls_on = {_TODAY},
    paused_until = CASE WHEN failures >= {OPEN_AFTER} THEN clock_timestamp() + {_pause("failures")} END
WHERE id = %(id)s AND NOT {_IS_PAUSED} AND %(budget)s > 0
  AND (calls_on IS DISTINCT FROM {_TODAY} OR calls < %(budget)s)
RETURNING id
"""

IS_PAUSED_SQL = f"SELECT {_IS_PAUSED} FROM remote_service WHERE id = %(id)s"

WELL_SQL = """
WITH mended AS (
    SELECT id FROM remote_service WHERE id = ANY(%(ids)s::uuid[]) AND failures > 0
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE remote_service SET failures = 0, paused_until = NULL FROM mended WHERE remote_service.id = mended.id
"""

# Rows are locked in the order of their ids, as everywhere. Calls run in parallel: however many fail at once,
# the first pause is the shortest.
UNWELL_SQL = f"""
WITH told AS (
    SELECT id, CASE WHEN failures < {OPEN_AFTER} THEN LEAST(failures + count, {OPEN_AFTER})
                    ELSE LEAST(failures + 1, 1000) END AS failures
    FROM remote_service JOIN unnest(%(ids)s::uuid[], %(counts)s::int[]) AS given (id, count) USING (id)
    ORDER BY id FOR NO KEY UPDATE OF remote_service
)
UPDATE remote_service SET failures = told.failures,
       paused_until = CASE WHEN told.failures >= {OPEN_AFTER}
                      THEN clock_timestamp() + {_pause("told.failures")} END
FROM told WHERE remote_service.id = told.id
"""

log = structlog.get_logger(__name__)

# The services of so many comments are called in parallel. A group takes as long as the longest time limit at
# most.
WAVE = 8


@dataclass(frozen=True, slots=True)
class Answered:
    """The outcome of one question, before anything is written."""

    question: WaitingQuestion
    state: AnswerState
    failure: Failure | None = None
    findings: Mapping[str, Any] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    duration_ms: float = 0.0

    @property
    def is_passing(self) -> bool:
        """Whether asking again in a moment may help."""
        return self.failure in PASSING


@dataclass(frozen=True, slots=True)
class _Ready:
    """A question that may be asked."""

    question: WaitingQuestion
    key: str = field(repr=False)
    email: str = field(default="", repr=False)

    def build_request(self) -> Request:
        """The request to send. Raises `CallFailed` for a comment that lacks what the service requires."""
        comment = replace(self.question.comment, email=self.email)
        return ASKERS[self.question.kind].build_request(Question(self.question.settings, comment, self.key))


def call_services(questions: Sequence[WaitingQuestion]) -> list[Answered]:
    """Call all services in parallel; each call has its own time limit."""
    prepared = [_prepare(each) for each in questions]
    answered = [each for each in prepared if isinstance(each, Answered)]
    ready = _with_addresses([each for each in prepared if isinstance(each, _Ready)])
    if ready:
        with ThreadPoolExecutor(len(ready)) as pool:
            called = list(pool.map(_call, ready))
        _tell_health(called)
        answered += called
    for each in answered:
        if each.failure:
            asked = each.question
            log.warning("remote check failed", site=asked.site_id, kind=asked.kind, error=each.failure)
    return answered


def _prepare(question: WaitingQuestion) -> _Ready | Answered:
    """Check whether the question may be asked, and count its call if it may."""
    if not question.settings.is_on:
        return Answered(question, AnswerState.SKIPPED)
    try:
        ready = _Ready(question, _open_key(question))
        if origin_of(question.settings.base_url) not in settings.REMOTE_CHECK_ORIGINS:
            raise CallFailed(Failure.NOT_ALLOWED)
        ready.build_request()
        _take_call(question)
    except CallFailed as failed:
        return Answered(question, AnswerState.FAILED, failed.failure)
    return ready


def _open_key(question: WaitingQuestion) -> str:
    if not question.sealed_key:
        return ""
    try:
        return unseal_secret(question.sealed_key, site_id=question.site_id, row_id=question.service_id)
    except VaultError:
        raise CallFailed(Failure.UNAUTHORISED) from None


def _take_call(question: WaitingQuestion) -> None:
    """Count one of today's calls. Raises `CallFailed` while the breaker is open, or when the budget is used
    up.
    """
    given: dict[str, Any] = {"id": question.service_id, "budget": question.settings.daily_budget}
    with connection.cursor() as cursor:
        cursor.execute(TAKE_CALL_SQL, given)
        if cursor.fetchone():
            return
        cursor.execute(IS_PAUSED_SQL, given)
        is_paused = bool(cursor.fetchone()[0])
    raise CallFailed(Failure.BREAKER_OPEN if is_paused else Failure.OVER_BUDGET)


def _call(ready: _Ready) -> Answered:
    """Make one call. It runs in a thread of its own, so it must not use the database."""
    question, request = ready.question, ready.build_request()
    began = time.monotonic()
    findings: Mapping[str, Any] = {}
    state, failure = AnswerState.OK, None
    try:
        reply = post(request, timeout_s=question.settings.time_limit_s)
        findings = ASKERS[question.kind].read_reply(reply)
    except CallFailed as failed:
        state, failure = AnswerState.FAILED, failed.failure
    duration_ms = (time.monotonic() - began) * 1000
    return Answered(question, state, failure, _without_addresses(findings), request.fields, duration_ms)


def _without_addresses(findings: Mapping[str, Any]) -> dict[str, Any]:
    """Redact addresses: a model may repeat what it read, and its answer is kept for longer than addresses
    are.
    """
    return {name: redact(value) if isinstance(value, str) else value for name, value in findings.items()}


def _with_addresses(ready: Sequence[_Ready]) -> list[_Ready]:
    """Add the addresses of the comments whose sites send them. The audit events are written before they
    leave.
    """
    sending = {each.question.comment_id for each in ready if each.question.settings.sends_email}
    if not sending:
        return list(ready)
    with transaction.atomic():
        contacts = Contact.objects.filter(comment_id__in=sending)
        opened = [(each, email) for each in contacts if (email := _open_contact(each))]
        event = partial(Event, "contact.sent", "comment", data={"to": RemoteKind.AKISMET.value})
        record_many([(each.site_id, event(each.comment_id)) for each, _ in opened], actor=VERDICT)
    emails = {each.comment_id: email for each, email in opened}
    return [_with_address(each, emails) for each in ready]


def _with_address(ready: _Ready, emails: Mapping[UUID, str]) -> _Ready:
    if not ready.question.settings.sends_email:
        return ready
    return replace(ready, email=emails.get(ready.question.comment_id, ""))


def _open_contact(contact: Contact) -> str:
    try:
        return unseal(contact.sealed, site_id=contact.site_id, comment_id=contact.comment_id)
    except VaultError:
        return ""  # the service is asked without it


def _tell_health(called: Sequence[Answered]) -> None:
    """Close or open the services' breakers. One good answer proves that a service works."""
    failed: dict[UUID, int] = defaultdict(int)
    for each in called:
        failed[each.question.service_id] += each.failure in UNWELL
    well = {each.question.service_id for each in called if each.failure not in UNWELL}
    unwell = {service_id: count for service_id, count in failed.items() if service_id not in well}
    with connection.cursor() as cursor:
        cursor.execute(WELL_SQL, {"ids": sorted(well)})
        if unwell:
            cursor.execute(UNWELL_SQL, {"ids": list(unwell), "counts": list(unwell.values())})
