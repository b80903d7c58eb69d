"""What readers see: the published comments of a thread, in keyset pages of whole branches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from moderation.domain.status import Status
from moderation.models import Comment, Thread

PAGE_SIZE = 50
# Replies shown under one root; whoever wants the rest opens the branch.
MOST_REPLIES = 200


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
    """Roots in the order they were written, each followed by its replies. `next_after` is the last
    root's id when there are newer ones, `previous_before` the first one's when there are older ones.
    """

    comments: tuple[PublishedComment, ...]
    next_after: UUID | None
    previous_before: UUID | None = None


def thread_page(thread: Thread, *, after: UUID | None = None, limit: int = PAGE_SIZE) -> ThreadPage:
    """One page of the thread: at most `limit` roots after the root `after`, with their replies.

    Two queries, both along an index; no address is read.
    """
    roots = _roots(thread)
    if after is not None:
        roots = roots.filter(id__gt=after)
    found = list(roots[: limit + 1])
    shown = found[:limit]
    return ThreadPage(
        comments=_with_replies(shown),
        next_after=shown[-1].id if len(found) > limit else None,
        previous_before=shown[0].id if after is not None and shown else None,
    )


def latest_page(
    thread: Thread, *, before: UUID | None = None, up_to: UUID | None = None, limit: int = PAGE_SIZE
) -> ThreadPage:
    """The page of the newest roots, or of the newest before one or up to one; order and cost as above."""
    roots = _roots(thread).order_by("-id")
    if before is not None:
        roots = roots.filter(id__lt=before)
    if up_to is not None:
        roots = roots.filter(id__lte=up_to)
    found = list(roots[: limit + 1])
    shown = found[:limit][::-1]
    is_last = before is None and up_to is None
    return ThreadPage(
        comments=_with_replies(shown),
        next_after=shown[-1].id if shown and not is_last else None,
        previous_before=shown[0].id if len(found) > limit else None,
    )


def _roots(thread: Thread) -> QuerySet[Comment]:
    return _visible(Comment.objects.filter(thread_id=thread.id, root__isnull=True))


def _with_replies(roots: Sequence[Comment]) -> tuple[PublishedComment, ...]:
    replies = _replies_of([root.id for root in roots])
    return tuple(
        build_published(comment) for root in roots for comment in (root, *_in_tree_order(root.id, replies))
    )


def most_discussed(site_id: UUID, *, limit: int = 5) -> QuerySet[Thread]:
    """The threads of a site with the most published comments."""
    return Thread.objects.filter(site_id=site_id, published_count__gt=0).order_by("-published_count", "id")[
        :limit
    ]


def _visible(comments: QuerySet[Comment]) -> QuerySet[Comment]:
    """Published ones, and those that were and still have published replies under them."""
    has_replies = Exists(
        Comment.objects.filter(Q(root_id=OuterRef("id")) | Q(parent_id=OuterRef("id")))
        .filter(status=Status.PUBLISHED)
        .values("id")
    )
    return (
        comments.filter(published_at__isnull=False)
        .filter(Q(status=Status.PUBLISHED) | has_replies)
        .select_related("published_revision", "author")
        .order_by("id")
    )


def _replies_of(root_ids: Sequence[UUID]) -> list[Comment]:
    if not root_ids:
        return []
    return list(_visible(Comment.objects.filter(root_id__in=root_ids))[: MOST_REPLIES * len(root_ids)])


def _in_tree_order(root_id: UUID, replies: Sequence[Comment]) -> list[Comment]:
    """The replies under a root, each after its parent; one whose parent is hidden follows the root."""
    branch = [reply for reply in replies if reply.root_id == root_id]
    known = {reply.id for reply in branch}
    children: dict[UUID, list[Comment]] = {}
    for reply in branch:
        above = reply.parent_id if reply.parent_id is not None and reply.parent_id in known else root_id
        children.setdefault(above, []).append(reply)
    ordered: list[Comment] = []
    waiting = list(reversed(children.get(root_id, [])))
    while waiting:
        reply = waiting.pop()
        ordered.append(reply)
        waiting.extend(reversed(children.get(reply.id, [])))
    return ordered


def build_published(comment: Comment) -> PublishedComment:
    """`comment` as readers see it; its author and published revision should be loaded with it."""
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


# Longer than any transaction may take, so that a late commit is still in sight.
CHANGED_WITHIN_S = 5


def changed_threads() -> dict[UUID, object]:
    """(version, changed at) of the threads that changed in the last 5 s by the database's clock, by id."""
    since = Now() - timedelta(seconds=CHANGED_WITHIN_S)
    rows = Thread.objects.filter(changed_at__gt=since).values_list("id", "version", "changed_at")
    return {thread_id: (version, changed_at) for thread_id, version, changed_at in rows}
