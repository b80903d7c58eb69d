"""One page of a thread, ready to be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from moderation.embed.comments import ShownComment, add_own, build_tree, walk
from moderation.embed.own import OwnView
from moderation.embed.page import Page, Wanted
from moderation.embed.wording import tell_comments
from moderation.lib.clock import now
from moderation.models import Thread
from moderation.queries.pages import takes_comments
from moderation.queries.threads import ThreadPage, branch_page, latest_page, thread_page


@dataclass(frozen=True, slots=True)
class Discussion:
    """Comments in tree order, with links to the previous and the next ones."""

    comments: Sequence[ShownComment]
    count: int
    is_open: bool
    older_link: str = ""
    newer_link: str = ""
    whole_link: str = ""  # set if only one branch is shown
    is_known: bool = True

    def shows(self, comment_id: UUID) -> bool:
        """Whether this part of the thread holds the comment."""
        return any(each.id == comment_id for each in walk(self.comments))

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
    found = _find_branch(thread, wanted, own) or _find_page(thread, wanted, own)
    hidden = own.hidden_comment if own else None
    shown = (
        add_own(found.comments, hidden, page=page, now=now())
        if hidden
        else build_tree(found.comments, page=page, now=now())
    )
    _link_more_replies(shown, found, page)
    return Discussion(
        comments=shown,
        count=thread.published_count,
        is_open=is_open,
        older_link=page.link("comments", before=str(found.previous_before)) if found.previous_before else "",
        newer_link=page.link("comments", after=str(found.next_after)) if found.next_after else "",
        whole_link=page.link("comments") if found.is_branch else "",
        is_known=found.is_known and (wanted.root is None or found.is_branch),
    )


def _link_more_replies(roots: Sequence[ShownComment], found: ThreadPage, page: Page) -> None:
    """Give each root that has more replies than are shown the address of the next ones."""
    for each in roots:
        after = found.more_replies.get(each.id)
        if after is not None:
            each.more_link = page.link(each.anchor, root=str(each.id), after=str(after))


def _find_branch(thread: Thread, wanted: Wanted, own: OwnView | None) -> ThreadPage | None:
    """The one branch that is requested by its root, if it exists."""
    if wanted.root is None or own is not None:
        return None
    return branch_page(thread, wanted.root, after=wanted.after)


def _find_page(thread: Thread, wanted: Wanted, own: OwnView | None) -> ThreadPage:
    if wanted.root is None and wanted.after is not None:
        return thread_page(thread, after=wanted.after)
    latest = latest_page(thread, before=wanted.before)
    if own is None or own.comment is None:
        return latest
    if own.is_public and own.comment.root_id and not _shows(latest, own.comment.id):
        return _find_branch_from(thread, own.comment.root_id, own.comment.id) or latest
    root_id = own.comment.root_id or own.comment.parent_id
    if root_id is None or _shows(latest, root_id):
        return latest
    return latest_page(thread, up_to=root_id)  # the author's reply is further back


def _find_branch_from(thread: Thread, root_id: UUID, reply_id: UUID) -> ThreadPage | None:
    """The branch from this reply on, so that the author's link works wherever the reply is."""
    return branch_page(thread, root_id, after=UUID(int=reply_id.int - 1))


def _shows(page: ThreadPage, comment_id: UUID) -> bool:
    return any(comment.id == comment_id for comment in page.comments)
