"""Finds the part of a thread that a position names."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from moderation.models import Comment, Thread
from moderation.queries.discussed import discussed_page
from moderation.queries.published_rows import PublishedComment
from moderation.queries.threads import (
    Position,
    Sort,
    ThreadPage,
    branch_page,
    latest_page,
    thread_page,
)


def read_part(thread: Thread, position: Position) -> ThreadPage | None:
    """The part of the thread at `position`; None where `position.root` is no root that readers see."""
    if position.root is not None:
        return branch_page(thread, position.root, after=position.after, limit=position.limit)
    if position.around is not None:
        return _read_around(thread, position.around, position)
    return _read_page(thread, position)


def _read_page(thread: Thread, position: Position) -> ThreadPage:
    """A page of roots in the order `position.sort`."""
    if position.sort == Sort.DISCUSSED:
        return discussed_page(thread, before=position.before, limit=position.limit)
    if position.after is not None or (position.sort == Sort.OLDEST and position.before is None):
        page = thread_page(thread, after=position.after, limit=position.limit)
    else:
        page = latest_page(thread, before=position.before, limit=position.limit)
    return _newest_first(page) if position.sort == Sort.NEWEST else page


def _read_around(thread: Thread, comment_id: UUID, position: Position) -> ThreadPage:
    """The first page if it shows the comment, or else one that does: of roots, or of its branch.

    Where readers see no such comment it is the first page, with `is_known` False.
    """
    first = _read_page(thread, Position(sort=position.sort, limit=position.limit))
    if _shows(first, comment_id):
        return first
    root_id = _find_root(thread, comment_id)
    if root_id is None:
        return replace(first, is_known=False)
    page = _read_from(thread, root_id, position)
    if not _shows(page, comment_id):
        # As far back in its branch that it is not among the first replies.
        page = branch_page(thread, root_id, after=_before(comment_id), limit=position.limit) or page
    return replace(page, is_known=_shows(page, comment_id))


def _read_from(thread: Thread, root_id: UUID, position: Position) -> ThreadPage:
    """The page of roots that begins with this root in its order; in the usual order it ends with it."""
    if position.sort == Sort.DISCUSSED:
        return discussed_page(thread, start=root_id, limit=position.limit)
    if position.sort == Sort.OLDEST:
        return thread_page(thread, after=_before(root_id), limit=position.limit)
    page = latest_page(thread, up_to=root_id, limit=position.limit)
    return _newest_first(page) if position.sort == Sort.NEWEST else page


def _find_root(thread: Thread, comment_id: UUID) -> UUID | None:
    """The root of the branch of a comment that is or was published in this thread."""
    found = Comment.objects.filter(
        id=comment_id, site_id=thread.site_id, thread_id=thread.id, published_at__isnull=False
    )
    row: tuple[UUID | None] | None = found.values_list("root_id").first()
    if row is None:
        return None
    return comment_id if row[0] is None else row[0]


def _before(comment_id: UUID) -> UUID:
    """The id to read on after so that this comment comes first."""
    return UUID(int=max(comment_id.int - 1, 0))


def _shows(page: ThreadPage, comment_id: UUID) -> bool:
    return any(comment.id == comment_id for comment in page.comments)


def _newest_first(page: ThreadPage) -> ThreadPage:
    """The same page with its roots in reverse order, each still followed by its replies."""
    branches = list(_branches_of(page))
    return replace(page, comments=tuple(each for branch in reversed(branches) for each in branch))


def _branches_of(page: ThreadPage) -> Iterator[list[PublishedComment]]:
    branch: list[PublishedComment] = []
    for comment in page.comments:
        if comment.root_id is None and branch:
            yield branch
            branch = []
        branch.append(comment)
    if branch:
        yield branch
