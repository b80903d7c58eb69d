"""A thread as one page of it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from moderation.embed.comments import ShownComment, add_own, build_tree
from moderation.embed.own import OwnView
from moderation.embed.page import Page, Wanted
from moderation.lib.clock import now
from moderation.models import Thread
from moderation.queries.pages import takes_comments
from moderation.queries.threads import ThreadPage, latest_page, thread_page


@dataclass(frozen=True, slots=True)
class Discussion:
    """Comments in tree order with the links to those before and after."""

    comments: Sequence[ShownComment]
    count: int
    is_open: bool
    older_link: str = ""
    newer_link: str = ""

    @property
    def heading(self) -> str:
        """`1 comment`, `1,234 comments`."""
        return f"{self.count:,} comment{'' if self.count == 1 else 's'}"


def build_discussion(
    page: Page, thread: Thread | None, wanted: Wanted, own: OwnView | None = None
) -> Discussion:
    """The part of the thread that `wanted` names; without a thread there are no comments yet."""
    is_open = takes_comments(page.site, thread)
    if thread is None:
        return Discussion((), 0, is_open)
    found = _find_page(thread, wanted, own)
    hidden = own.hidden_comment if own else None
    return Discussion(
        comments=add_own(found.comments, hidden, page=page, now=now())
        if hidden
        else build_tree(found.comments, page=page, now=now()),
        count=thread.published_count,
        is_open=is_open,
        older_link=page.link("comments", before=str(found.previous_before)) if found.previous_before else "",
        newer_link=page.link("comments", after=str(found.next_after)) if found.next_after else "",
    )


def _find_page(thread: Thread, wanted: Wanted, own: OwnView | None) -> ThreadPage:
    if wanted.after is not None:
        return thread_page(thread, after=wanted.after)
    latest = latest_page(thread, before=wanted.before)
    if own is None or own.comment is None:
        return latest
    root_id = own.comment.root_id or own.comment.parent_id
    if root_id is None or any(comment.id == root_id for comment in latest.comments):
        return latest
    return latest_page(thread, up_to=root_id)  # the author's reply stands further back
