"""Published comments as a page shows them: a tree two levels deep, flattened below."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.utils.safestring import SafeString, mark_safe

from moderation.embed.length import is_long
from moderation.embed.page import RESPOND, Page
from moderation.embed.preview import render_preview
from moderation.embed.wording import tell_absolute, tell_relative
from moderation.models import Comment
from moderation.privacy import vault
from moderation.queries.published_rows import PublishedComment

DEEPEST_LEVEL = 2
HUES = 12


@dataclass(slots=True)
class ShownComment:
    """One comment on a page, with its replies. `answers` is the comment that a flattened reply answers."""

    id: UUID
    name: str
    initials: str
    hue: int
    website: str
    html: SafeString
    at: datetime
    when: str
    exactly: str
    level: int = 0
    is_removed: bool = False
    is_own: bool = False
    is_long: bool = False
    link: str = ""
    reply_link: str = ""
    more_link: str = ""  # to the replies that are not shown
    answers: "ShownComment | None" = None
    replies: "list[ShownComment]" = field(default_factory=list)

    @property
    def anchor(self) -> str:
        """The URL fragment of this comment."""
        return f"comment-{self.id}"


def build_tree(comments: Iterable[PublishedComment], *, page: Page, now: datetime) -> list[ShownComment]:
    """Roots with their replies. `comments` come in tree order; deeper replies join the second level."""
    shown: dict[UUID, ShownComment] = {}
    holders: dict[UUID, ShownComment] = {}  # the comment whose `replies` take the answers to a comment
    roots: list[ShownComment] = []
    for comment in comments:
        each = shown[comment.id] = _show(comment, page, now)
        parent = _parent_of(comment, shown)
        if parent is None:
            roots.append(each)
            holders[each.id] = each
            continue
        holder = holders[parent.id]
        each.level = min(parent.level + 1, DEEPEST_LEVEL)
        each.answers = parent if parent.level == DEEPEST_LEVEL else None
        holder.replies.append(each)
        holders[each.id] = holder if each.level == DEEPEST_LEVEL else each
    return roots


def add_own(
    comments: Iterable[PublishedComment], own: Comment, *, page: Page, now: datetime
) -> list[ShownComment]:
    """The tree with the author's own unpublished comment in its place, as it will be published."""
    as_published = PublishedComment(
        id=own.id,
        parent_id=own.parent_id,
        root_id=own.root_id,
        depth=own.depth,
        author_name=own.author_name,
        author_ref=bytes(own.author.address_hash),
        website="",  # a link, too
        body_html=render_preview(own.current_revision.body, page.site.text_format),
        submitted_at=own.submitted_at,
        is_removed=False,
    )
    roots = build_tree([*comments, as_published], page=page, now=now)
    for each in walk(roots):
        each.is_own = each.id == own.id
    return roots


def walk(comments: Iterable[ShownComment]) -> Iterable[ShownComment]:
    """All comments of a tree, each before its replies."""
    for each in comments:
        yield each
        yield from walk(each.replies)


def _parent_of(comment: PublishedComment, shown: dict[UUID, ShownComment]) -> ShownComment | None:
    """The comment that is answered, or the root of its branch if readers cannot see that comment."""
    for above in (comment.parent_id, comment.root_id):
        if above is not None and above in shown:
            return shown[above]
    return None


def _show(comment: PublishedComment, page: Page, now: datetime) -> ShownComment:
    return ShownComment(
        id=comment.id,
        name=comment.author_name,
        initials=initials_of(comment.author_name),
        hue=hue_of(comment, page.site.id),
        website=comment.website,
        html=mark_safe(comment.body_html),  # noqa: S308 - sanitised before it was published (lib/markup.py)
        at=comment.submitted_at,
        when=tell_relative(comment.submitted_at, now),
        exactly=tell_absolute(comment.submitted_at),
        is_long=is_long(comment.body_html),
        link=page.permalink(comment.id),
        reply_link=page.link(RESPOND, replyto=str(comment.id)),
        is_removed=comment.is_removed,
    )


def hue_of(comment: PublishedComment, site_id: UUID) -> int:
    """The number of the avatar's colour, the same for all comments of an author on this site."""
    if comment.is_removed:
        return 0
    return int(vault.author_ref(comment.author_ref, site_id=site_id)[:4], 16) % HUES


def initials_of(name: str) -> str:
    """One or two letters for the avatar, of the first and the last word; empty for a name without letters."""
    firsts = [letter for word in name.split() if (letter := next(filter(str.isalnum, word), ""))]
    return "".join(firsts if len(firsts) < 2 else (firsts[0], firsts[-1])).upper()
