"""What an author sees of their unpublished comment, by a signed link that opens only this comment."""

from dataclasses import dataclass

from django.utils.translation import gettext, gettext_noop

from moderation.domain.status import ReaderStatus, Status, tell_reader
from moderation.embed.page import Wanted
from moderation.lib.tokens import TokenState
from moderation.models import Comment, Thread
from moderation.privacy.tokens import CommentLink, check_comment_token
from moderation.queries.pages import find_own_comment

NO_LONGER = gettext_noop(
    "This link to your comment is no longer valid. If your comment was published, it is among the others."
)
NOT_VALID = gettext_noop("This link does not belong to a comment here.")
PUBLISHED = gettext_noop("Your comment is published.")
NOT_PUBLISHED = gettext_noop("Your comment was not published.")
AWAITING = gettext_noop("Awaiting moderation: only you can see this")
CHECKING = gettext_noop("Being checked: only you can see this. The page reloads in a moment.")
STILL_CHECKING = gettext_noop("Still being checked: only you can see this. Nothing is lost.")


@dataclass(frozen=True, slots=True)
class OwnView:
    """What to tell the holder of the link. `comment` is set only for a valid link. While the comment is being
    checked the page reloads by itself once (`looks_again`), and then offers to (`may_look_again`).
    """

    comment: Comment | None
    message: str
    http_status: int = 200
    looks_again: bool = False
    may_look_again: bool = False

    @property
    def notice(self) -> str:
        """The message in the page's language."""
        return gettext(self.message)

    @property
    def is_public(self) -> bool:
        """Whether everybody can see it in the thread."""
        return self.comment is not None and self.comment.status == Status.PUBLISHED

    @property
    def hidden_comment(self) -> Comment | None:
        """The comment, if only its author may see it."""
        comment = self.comment
        if comment is None or tell_reader(Status(comment.status)) != ReaderStatus.AWAITING:
            return None
        return comment


def look_at_own(thread: Thread | None, wanted: Wanted) -> OwnView | None:
    """What the link in the URL opens, or None without one."""
    if wanted.own_id is None:
        return None
    state = check_comment_token(wanted.view_token, wanted.own_id, CommentLink.VIEW)
    if state == TokenState.EXPIRED:
        return OwnView(None, NO_LONGER, http_status=410)
    comment = find_own_comment(thread, wanted.own_id) if thread and state == TokenState.OK else None
    if comment is None:
        return OwnView(None, NOT_VALID, http_status=403)
    return _tell(comment, has_waited=wanted.has_waited)


def _tell(comment: Comment, *, has_waited: bool) -> OwnView:
    status = Status(comment.status)
    if status == Status.SCREENING and not has_waited:
        return OwnView(comment, CHECKING, looks_again=True)
    if status == Status.SCREENING:
        return OwnView(comment, STILL_CHECKING, may_look_again=True)
    told = {
        ReaderStatus.AWAITING: AWAITING,
        ReaderStatus.PUBLISHED: PUBLISHED,
        ReaderStatus.NOT_PUBLISHED: NOT_PUBLISHED,
    }
    return OwnView(comment, told[tell_reader(status)])
