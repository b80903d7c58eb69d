"""What readers see: the published comments of a thread, in keyset pages of whole branches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Now

from moderation.models import Thread
from moderation.queries.published_rows import PublishedComment, read_published
from moderation.queries.replies import Branch, first_replies, replies_after

PAGE_SIZE = 50


class Sort(StrEnum):
    """The order of a thread's roots. Replies are always by age, the oldest first."""

    LATEST = ""  # pages from the newest one back, each by age
    NEWEST = "newest"
    OLDEST = "oldest"
    DISCUSSED = "discussed"  # by published replies, those of equal number from the newest back


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """Roots in the order they were written, each followed by its replies. `next_after` is the last root's id
    if there are newer ones, `previous_before` the first one's if there are older ones.

    For each root that has more replies than these, `more_replies` names the reply to read on after
    (`branch_page`). `is_known`: the comment named to read on from exists.
    """

    comments: tuple[PublishedComment, ...]
    next_after: UUID | None
    previous_before: UUID | None = None
    more_replies: Mapping[UUID, UUID] = field(default_factory=dict)
    is_branch: bool = False  # only one root is shown, with some of its replies
    is_known: bool = True


class Position(NamedTuple):
    """A part of a thread: after or before a root, or under the root `root` after a reply, or wherever the
    comment `around` is; `sort` is the order of the roots.
    """

    before: UUID | None = None
    after: UUID | None = None
    root: UUID | None = None
    limit: int = PAGE_SIZE
    around: UUID | None = None
    sort: Sort = Sort.LATEST


def thread_page(thread: Thread, *, after: UUID | None = None, limit: int = PAGE_SIZE) -> ThreadPage:
    """One page of the thread: at most `limit` roots after the root `after`, with their replies.

    Two queries, both along an index; no address is read.
    """
    found, is_known = without_first(_read_roots(thread, _FROM, after, limit), after)
    shown = found[:limit]
    return build_page(
        shown,
        next_after=shown[-1].id if len(found) > limit else None,
        previous_before=shown[0].id if after is not None and shown else None,
        is_known=is_known,
    )


def latest_page(
    thread: Thread, *, before: UUID | None = None, up_to: UUID | None = None, limit: int = PAGE_SIZE
) -> ThreadPage:
    """The page of the newest roots, or of the newest before one or up to one; order and cost as above."""
    found, is_known = without_first(_read_roots(thread, _UP_TO, before or up_to, limit), before)
    shown = found[:limit][::-1]
    is_last = before is None and up_to is None
    return build_page(
        shown,
        next_after=shown[-1].id if shown and not is_last else None,
        previous_before=shown[0].id if len(found) > limit else None,
        is_known=is_known,
    )


def branch_page(
    thread: Thread, root_id: UUID, *, after: UUID | None = None, limit: int = PAGE_SIZE
) -> ThreadPage | None:
    """A root of the thread and at most `limit` replies under it after the reply `after`.

    None where readers see no such root. Two queries.
    """
    roots = read_published(f"{_ROOTS} AND comment.id = %s", (thread.id, root_id))
    if not roots:
        return None
    branch = replies_after(root_id, after=after, limit=limit)
    return ThreadPage(
        comments=(*roots, *branch.replies),
        next_after=None,
        more_replies={root_id: branch.read_on_after} if branch.read_on_after else {},
        is_branch=True,
        is_known=branch.is_known,
    )


# Published roots, and removed ones that still have published replies.
_ROOTS = """
WHERE comment.thread_id = %s AND comment.root_id IS NULL AND comment.published_at IS NOT NULL
  AND (comment.status = 'published' OR EXISTS (
    SELECT FROM comment AS reply
    WHERE (reply.root_id = comment.id OR reply.parent_id = comment.id) AND reply.status = 'published'))
"""
_FROM = f"{_ROOTS} AND comment.id >= %s ORDER BY comment.id LIMIT %s"
_UP_TO = f"{_ROOTS} AND comment.id <= %s ORDER BY comment.id DESC LIMIT %s"
_FIRST, _LAST = UUID(int=0), UUID(int=2**128 - 1)


def _read_roots(thread: Thread, where: str, start: UUID | None, limit: int) -> list[PublishedComment]:
    """Enough roots from `start` on for a page, the cursor before it and the knowledge of a next one."""
    return read_published(where, (thread.id, start or (_FIRST if where == _FROM else _LAST), limit + 2))


def without_first(found: list[PublishedComment], cursor: UUID | None) -> tuple[list[PublishedComment], bool]:
    """The roots after the first one, which must be `cursor`; and whether it was there."""
    if cursor is None:
        return found, True
    is_known = bool(found) and found[0].id == cursor
    return found[1:] if is_known else found, is_known


def build_page(
    roots: Sequence[PublishedComment],
    *,
    next_after: UUID | None,
    previous_before: UUID | None,
    is_known: bool,
) -> ThreadPage:
    """A page of these roots, each with its first replies."""
    branches = first_replies([root.id for root in roots])
    comments = (reply for root in roots for reply in (root, *branches.get(root.id, Branch()).replies))
    return ThreadPage(
        comments=tuple(comments),
        next_after=next_after,
        previous_before=previous_before,
        more_replies={
            root_id: branch.read_on_after for root_id, branch in branches.items() if branch.read_on_after
        },
        is_known=is_known,
    )


def most_discussed(site_id: UUID, *, limit: int = 5) -> QuerySet[Thread]:
    """The threads of a site with the most published comments."""
    return Thread.objects.filter(site_id=site_id, published_count__gt=0).order_by("-published_count", "id")[
        :limit
    ]


# Longer than any transaction may take, so that a late commit is still seen.
CHANGED_WITHIN_S = 5


class ChangedThread(NamedTuple):
    """What is known of a thread that changed."""

    id: UUID
    version: int
    changed_at: datetime
    site_id: UUID
    key: str
    published_count: int

    @property
    def state(self) -> tuple[int, datetime]:
        """Which of its versions it is."""
        return self.version, self.changed_at


def changed_threads() -> list[ChangedThread]:
    """The threads that changed in the last 5 s by the database's clock."""
    since = Now() - timedelta(seconds=CHANGED_WITHIN_S)
    rows = Thread.objects.filter(changed_at__gt=since).values_list(*ChangedThread._fields)
    return [ChangedThread(*row) for row in rows]
