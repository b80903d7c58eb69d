"""What readers see: the published comments of a thread, in keyset pages of whole branches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from moderation.domain.status import Status
from moderation.models import Comment, Thread
from moderation.queries.replies import Branch, first_replies, replies_after

PAGE_SIZE = 50


class Sort(StrEnum):
    """The order of a thread's roots. Replies are always by age, the oldest first."""

    LATEST = ""  # pages from the newest one back, each by age
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class PublishedComment:
    """One comment as readers see it. A removed one that has replies keeps its place without text."""

    id: UUID
    parent_id: UUID | None
    root_id: UUID | None
    depth: int
    author_name: str
    author_ref: bytes
    website: str
    body_html: str
    submitted_at: datetime
    is_removed: bool


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
    roots = _roots(thread)
    if after is not None:
        roots = roots.filter(id__gte=after)
    found, is_known = _without_first(roots, after, limit)
    shown = found[:limit]
    return _build_page(
        shown,
        next_after=shown[-1].id if len(found) > limit else None,
        previous_before=shown[0].id if after is not None and shown else None,
        is_known=is_known,
    )


def latest_page(
    thread: Thread, *, before: UUID | None = None, up_to: UUID | None = None, limit: int = PAGE_SIZE
) -> ThreadPage:
    """The page of the newest roots, or of the newest before one or up to one; order and cost as above."""
    roots = _roots(thread).order_by("-id")
    if before is not None:
        roots = roots.filter(id__lte=before)
    if up_to is not None:
        roots = roots.filter(id__lte=up_to)
    found, is_known = _without_first(roots, before, limit)
    shown = found[:limit][::-1]
    is_last = before is None and up_to is None
    return _build_page(
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
    root = _roots(thread).filter(id=root_id).first()
    if root is None:
        return None
    branch = replies_after(root.id, after=after, limit=limit)
    return ThreadPage(
        comments=tuple(map(build_published, (root, *branch.replies))),
        next_after=None,
        more_replies={root.id: branch.read_on_after} if branch.read_on_after else {},
        is_branch=True,
        is_known=branch.is_known,
    )


def _roots(thread: Thread) -> QuerySet[Comment]:
    """Published roots, and removed ones that still have published replies."""
    has_replies = Exists(
        Comment.objects.filter(Q(root_id=OuterRef("id")) | Q(parent_id=OuterRef("id")))
        .filter(status=Status.PUBLISHED)
        .values("id")
    )
    return (
        Comment.objects.filter(thread_id=thread.id, root__isnull=True, published_at__isnull=False)
        .filter(Q(status=Status.PUBLISHED) | has_replies)
        .select_related("published_revision", "author")
        .order_by("id")
    )


def _without_first(roots: QuerySet[Comment], cursor: UUID | None, limit: int) -> tuple[list[Comment], bool]:
    """`limit` roots and one more, after the first one, which must be `cursor`; and whether it was there."""
    if cursor is None:
        return list(roots[: limit + 1]), True
    found = list(roots[: limit + 2])
    is_known = bool(found) and found[0].id == cursor
    return found[1:] if is_known else found, is_known


def _build_page(
    roots: Sequence[Comment], *, next_after: UUID | None, previous_before: UUID | None, is_known: bool
) -> ThreadPage:
    branches = first_replies([root.id for root in roots])
    comments = (reply for root in roots for reply in (root, *branches.get(root.id, Branch()).replies))
    return ThreadPage(
        comments=tuple(map(build_published, comments)),
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


def build_published(comment: Comment) -> PublishedComment:
    """`comment` as readers see it. Load its author and published revision with it."""
    is_removed = comment.status != Status.PUBLISHED
    revision = comment.published_revision
    return PublishedComment(
        id=comment.id,
        parent_id=comment.parent_id,
        root_id=comment.root_id,
        depth=comment.depth,
        author_name="" if is_removed else comment.author_name,
        author_ref=b"" if is_removed else bytes(comment.author.address_hash),
        website="" if is_removed else comment.website,
        body_html="" if is_removed or revision is None else revision.body_html,
        submitted_at=comment.submitted_at,
        is_removed=is_removed,
    )


# Longer than any transaction may take, so that a late commit is still seen.
CHANGED_WITHIN_S = 5


def changed_threads() -> dict[UUID, object]:
    """(version, changed at) of the threads that changed in the last 5 s by the database's clock, by id."""
    since = Now() - timedelta(seconds=CHANGED_WITHIN_S)
    rows = Thread.objects.filter(changed_at__gt=since).values_list("id", "version", "changed_at")
    return {thread_id: (version, changed_at) for thread_id, version, changed_at in rows}
