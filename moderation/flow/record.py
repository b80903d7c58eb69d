"""Writes audit events of what was changed or revealed, in the same transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from moderation.models import AuditEvent
from moderation.models.rows import insert_rows


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `kind` is `person`, `key`, `rule`, `verdict`, `reader` or `system`."""

    kind: str
    user_id: int | None = None
    key_id: UUID | None = None


SYSTEM = Actor("system")
VERDICT = Actor("verdict")
RULE = Actor("rule")
READER = Actor("reader")


@dataclass(frozen=True, slots=True)
class Event:
    """An action and its subject. `data` holds neither texts nor addresses."""

    kind: str
    subject_kind: str
    subject_id: UUID | int | str
    data: Mapping[str, Any] = field(default_factory=dict)


def record(event: Event, *, site_id: UUID | None, actor: Actor) -> None:
    """Write one audit event. Call it inside the transaction of the change that it records."""
    insert_rows(AuditEvent, [_row(event, site_id, actor)])


def record_many(events: Sequence[tuple[UUID, Event]], *, actor: Actor) -> None:
    """Write audit events of several sites, given as (site id, event), in one statement."""
    insert_rows(AuditEvent, [_row(event, site_id, actor) for site_id, event in events])


def _row(event: Event, site_id: UUID | None, actor: Actor) -> dict[str, Any]:
    return {
        "site_id": site_id,
        "kind": event.kind,
        "subject_kind": event.subject_kind,
        "subject_id": str(event.subject_id),
        "actor_kind": actor.kind,
        "actor_user_id": actor.user_id,
        "actor_key_id": actor.key_id,
        "data": dict(event.data),
    }
