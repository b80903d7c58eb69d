"""The replies under top comments: the first few of each branch, and further pages of one branch."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from moderation.queries.published_rows import PublishedComment, read_published

# Replies shown under one top comment; the others are on the pages of the branch.
REPLIES_SHOWN = 50
_START = UUID(int=0)
# Each branch is read separately along the index `comment_replies` with its own limit, so that a busy branch
# takes nothing from the others. The inner query is a scalar on purpose: for EXISTS the planner may decide to
# gather the parents of all published comments first.
_FIRST_OF_EACH_BRANCH = """
    SELECT branch.id
    FROM unnest(%s::uuid[]) AS root (id)
    CROSS JOIN LATERAL (
        SELECT reply.id FROM comment AS reply
        WHERE reply.root_id = root.id AND reply.published_at IS NOT NULL AND reply.id >= %s::uuid
          AND (reply.status = 'published' OR (
            SELECT true FROM comment AS below
            WHERE below.parent_id = reply.id AND below.status = 'published' LIMIT 1))
        ORDER BY reply.id LIMIT %s
    ) AS branch
"""
_FOUND = f"WHERE comment.id IN ({_FIRST_OF_EACH_BRANCH}) ORDER BY comment.id"


@dataclass(frozen=True, slots=True)
class Branch:
    """Replies under one top comment, each after its parent. If there are more, `read_on_after` is the latest
    of these. `is_known` tells whether the reply after which they were requested belongs to this branch.
    """

    replies: tuple[PublishedComment, ...] = ()
    read_on_after: UUID | None = None
    is_known: bool = True


def first_replies(root_ids: Collection[UUID]) -> dict[UUID, Branch]:
    """The first replies under each of these top comments. One query."""
    if not root_ids:
        return {}
    found = _group_by_root(_find(root_ids, start=_START, limit=REPLIES_SHOWN + 1))
    return {root_id: _build_branch(root_id, replies, REPLIES_SHOWN) for root_id, replies in found.items()}


def replies_after(root_id: UUID, *, after: UUID | None, limit: int) -> Branch:
    """At most `limit` replies under a top comment after the reply `after`. One query."""
    found = _find([root_id], start=after or _START, limit=limit + 2)
    is_known = after is None or (bool(found) and found[0].id == after)
    if after is not None and is_known:
        del found[0]
    return _build_branch(root_id, found, limit, is_known=is_known)


def _find(root_ids: Collection[UUID], *, start: UUID, limit: int) -> list[PublishedComment]:
    """Published replies from the id `start` on, and removed ones that have published replies."""
    return read_published(_FOUND, (list(root_ids), start, limit))


def _group_by_root(replies: Iterable[PublishedComment]) -> Mapping[UUID, list[PublishedComment]]:
    branches: dict[UUID, list[PublishedComment]] = {}
    for reply in replies:
        assert reply.root_id is not None  # they were found by this id
        branches.setdefault(reply.root_id, []).append(reply)
    return branches


def _build_branch(
    root_id: UUID, found: list[PublishedComment], limit: int, *, is_known: bool = True
) -> Branch:
    shown = found[:limit]
    return Branch(
        replies=tuple(_in_tree_order(root_id, shown)),
        read_on_after=shown[-1].id if len(found) > limit else None,
        is_known=is_known,
    )


def _in_tree_order(root_id: UUID, branch: list[PublishedComment]) -> list[PublishedComment]:
    """The replies under a root, each after its parent; a reply whose parent is missing follows the root."""
    known = {reply.id for reply in branch}
    children: dict[UUID, list[PublishedComment]] = {}
    for reply in branch:
        above = reply.parent_id if reply.parent_id is not None and reply.parent_id in known else root_id
        children.setdefault(above, []).append(reply)
    ordered: list[PublishedComment] = []
    waiting = list(reversed(children.get(root_id, [])))
    while waiting:
        reply = waiting.pop()
        ordered.append(reply)
        waiting.extend(reversed(children.get(reply.id, [])))
    return ordered
