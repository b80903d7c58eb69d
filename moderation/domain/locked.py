"""A comment that is locked against changes by others."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(slots=True)
class LockedComment:
    """What a decision needs to know about it, under its columns' names; kept up to date while deciding."""

    id: UUID
    site_id: UUID
    thread_id: UUID
    author_id: UUID
    root_id: UUID | None
    current_revision_id: UUID
    status: str
    version: int
    is_decided_by_person: bool
    created_at: datetime
