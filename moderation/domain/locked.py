"""A comment that nobody else can change right now."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(slots=True)
class LockedComment:
    """What a decision needs to know of one, by the names of its row; kept in step while it is decided on."""

    id: UUID
    site_id: UUID
    thread_id: UUID
    author_id: UUID
    current_revision_id: UUID
    status: str
    version: int
    is_decided_by_person: bool
    created_at: datetime
