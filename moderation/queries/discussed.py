"""The roots of a thread by how much they are discussed, along one index however long the thread is."""

from uuid import UUID

from moderation.models import BranchSize, Thread
from moderation.queries.published_rows import read_published
from moderation.queries.threads import PAGE_SIZE, ThreadPage, build_page, without_first

# Published roots, and removed ones that still have published replies. Each `LIMIT` tells the planner to walk
# along the index and look the comments up, whatever it believes about the tables' sizes.
_PLACES = """
JOIN (
    SELECT branch_size.root_id, branch_size.replies FROM branch_size
    CROSS JOIN LATERAL (SELECT status FROM comment WHERE comment.id = branch_size.root_id LIMIT 1) AS root
    WHERE branch_size.thread_id = %s AND (root.status = 'published' OR branch_size.replies > 0) {after}
    ORDER BY branch_size.replies DESC, branch_size.root_id DESC LIMIT %s
) AS place ON place.root_id = comment.id
ORDER BY place.replies DESC, place.root_id DESC
"""
_FIRST = _PLACES.format(after="")
_FROM = _PLACES.format(after="AND (branch_size.replies, branch_size.root_id) <= (%s, %s)")


def discussed_page(
    thread: Thread, *, before: UUID | None = None, start: UUID | None = None, limit: int = PAGE_SIZE
) -> ThreadPage:
    """The page of the most discussed roots, or of those after `before`, or from `start` on.

    `previous_before` leads to the less discussed ones. A root whose place changes meanwhile may be seen
    twice or not at all. Two queries, and a third to find the place of a root.
    """
    named = before or start
    replies = _count_replies(thread, named) if named else None
    if named is None or replies is None:
        found, is_known = read_published(_FIRST, (thread.id, limit + 2)), named is None
    else:
        from_there = read_published(_FROM, (thread.id, replies, named, limit + 2))
        found, is_known = without_first(from_there, before)
    shown = found[:limit]
    return build_page(
        shown,
        next_after=None,
        previous_before=shown[-1].id if len(found) > limit else None,
        is_known=is_known,
    )


def _count_replies(thread: Thread, root_id: UUID) -> int | None:
    found = BranchSize.objects.filter(root_id=root_id, thread_id=thread.id)
    return found.values_list("replies", flat=True).first()
