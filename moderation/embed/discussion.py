"""One page of a thread, ready to be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from moderation.embed.comments import ShownComment, add_own, build_tree, walk
from moderation.embed.ordering import SortLink, link_orders
from moderation.embed.own import OwnView
from moderation.embed.page import Page, Wanted
from moderation.embed.wording import tell_comments
from moderation.lib.clock import now
from moderation.models import Thread
from moderation.queries.pages import takes_comments
from moderation.queries.thread_parts import read_part
from moderation.queries.threads import Position, Sort, ThreadPage

BY_AGE = frozenset({Sort.LATEST, Sort.OLDEST})


@dataclass(frozen=True, slots=True)
class Discussion:
    """Comments in tree order, with links to the previous and the next ones."""

    comments: Sequence[ShownComment]
    count: int
    is_open: bool
    older_link: str = ""
    newer_link: str = ""
    whole_link: str = ""  # set if only one branch is shown
    sort_links: Sequence[SortLink] = ()
    is_newest_first: bool = False  # or by another order in which reading on leads to `older_link`
    is_by_age: bool = True
    is_known: bool = True

    def shows(self, comment_id: UUID | None) -> bool:
        """Whether this part of the thread holds the comment."""
        return comment_id is not None and any(each.id == comment_id for each in walk(self.comments))

    @property
    def heading(self) -> str:
        """`1 comment`, `1,234 comments`."""
        return tell_comments(self.count)


def build_discussion(
    page: Page, thread: Thread | None, wanted: Wanted, own: OwnView | None = None
) -> Discussion:
    """The part of the thread that `wanted` names; `thread` is None if there are no comments yet."""
    is_open = takes_comments(page.site, thread)
    if thread is None:
        return Discussion((), 0, is_open)
    found, is_known = _find_part(thread, wanted, own)
    shown = _build_tree(found, page, own)
    _link_more_replies(shown, found, page)
    order = {"sort": str(wanted.sort)} if wanted.sort else {}
    return Discussion(
        comments=shown,
        count=thread.published_count,
        is_open=is_open,
        older_link=page.link("comments", before=str(found.previous_before), **order)
        if found.previous_before
        else "",
        newer_link=page.link("comments", after=str(found.next_after), **order) if found.next_after else "",
        whole_link=page.link("comments", **order) if found.is_branch else "",
        sort_links=() if found.is_branch else link_orders(page, thread, wanted, found),
        is_newest_first=wanted.sort not in BY_AGE,
        is_by_age=wanted.sort in {*BY_AGE, Sort.NEWEST},
        is_known=is_known,
    )


def _build_tree(found: ThreadPage, page: Page, own: OwnView | None) -> list[ShownComment]:
    hidden = own.hidden_comment if own else None
    if hidden is None:
        return build_tree(found.comments, page=page, now=now())
    return add_own(found.comments, hidden, page=page, now=now())


def _link_more_replies(roots: Sequence[ShownComment], found: ThreadPage, page: Page) -> None:
    """Give each root that has more replies than are shown the address of the next ones."""
    for each in roots:
        after = found.more_replies.get(each.id)
        if after is not None:
            each.more_link = page.link(each.anchor, root=str(each.id), after=str(after))


def _find_part(thread: Thread, wanted: Wanted, own: OwnView | None) -> tuple[ThreadPage, bool]:
    """The part of the thread, and whether what names it exists; the first page if it does not."""
    position = _place_of(own) if own else wanted.position
    found = read_part(thread, position)
    if found is not None and (found.is_known or position.around is None):
        return found, found.is_known
    first = read_part(thread, Position(sort=wanted.sort))
    assert first is not None  # only a root can be missing
    return first, False


def _place_of(own: OwnView) -> Position:
    """Where the author's comment is, or the one that it answers if only they can see it."""
    if own.comment is None:
        return Position()
    return Position(around=own.comment.id if own.is_public else own.comment.parent_id)
