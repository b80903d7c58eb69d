"""Where a thread is shown: an article of the demo site, or a frame on another site's page."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from moderation.embed.language import DEFAULT
from moderation.flow.comments.threads import ThreadRef
from moderation.models import Site, Thread
from moderation.queries.threads import Position, Sort

_SORTS = frozenset(Sort)
RESPOND = "respond"  # the fragment of the form, with its summary of errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page with a thread and a form. `query` identifies the page in its own URL; `framed_by` are the
    sources that may show it in a frame; `permalink_path` is the page that a comment's permanent link opens;
    `challenge_path` has the challenges of a proof of work, if the site asks for one.
    """

    site: Site
    ref: ThreadRef
    path: str
    post_path: str
    template: str
    permalink_path: str = ""
    challenge_path: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    offers_consent: bool = True
    framed_by: tuple[str, ...] = ()
    is_included: bool = False  # a piece of a site's page, for its server to fetch

    @property
    def language(self) -> str:
        """The language of the thread and the form; `query` names it unless it is English."""
        return self.query.get("lang", DEFAULT)

    @property
    def token_subject(self) -> str:
        """What the form's token is bound to, besides the site."""
        return self.ref.key or self.ref.url

    @property
    def post_to(self) -> str:
        """Where the form goes. A refused form comes back with the fragment of this address: its summary of
        errors is what the reader sees, even where a browser moves no focus (frames of other sites, phones).
        """
        return f"{_join(self.post_path, self.query)}#{RESPOND}"

    def link(self, fragment: str = "", **parameters: str) -> str:
        """The URL of this page with `parameters` added."""
        return _join(self.path, {**self.query, **parameters}) + (f"#{fragment}" if fragment else "")

    def permalink(self, comment_id: UUID) -> str:
        """The address to pass on of a comment, wherever in a long thread it is."""
        named = {name: self.query[name] for name in ("url", "lang") if name in self.query}
        query = {**named, "comment": str(comment_id)}
        return f"{_join(self.permalink_path or self.path, query)}#comment-{comment_id}"

    def of_thread(self, thread: Thread) -> Self:
        """The page once it has comments: identified by its thread, whatever its URL says."""
        if "title" not in self.context:
            return self
        return replace(
            self,
            query={name: value for name, value in self.query.items() if name != "title"},
            context={**self.context, "title": thread.title or self.ref.url},
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader requests of a page by its URL."""

    reply_to: UUID | None = None
    before: UUID | None = None
    after: UUID | None = None
    root: UUID | None = None
    comment: UUID | None = None
    sort: Sort = Sort.LATEST
    own_id: UUID | None = None
    view_token: str = ""
    has_waited: bool = False

    @property
    def is_anybodys(self) -> bool:
        """Whether every reader gets the same page."""
        return self.reply_to is None and self.own_id is None

    @property
    def position(self) -> Position:
        """The requested part of the thread, in one spelling for all URLs that show the same."""
        if self.root is not None:
            return Position(root=self.root, after=self.after)
        around = self.comment or self.reply_to
        if around is not None:
            return Position(around=around, sort=self.sort)
        if self.after is not None:
            return Position(after=self.after, sort=self.sort)
        return Position(before=self.before, sort=self.sort)


def read_wanted(given: QueryDict) -> Wanted:
    """The known parameters of a URL; invalid values count as missing."""
    get = given.get
    return Wanted(
        reply_to=read_id(get("replyto")),
        before=read_id(get("before")),
        after=read_id(get("after")),
        root=read_id(get("root")),
        comment=read_id(get("comment")),
        sort=read_sort(get("sort")),
        own_id=read_id(get("unapproved")),
        view_token=get("view") or "",
        has_waited=get("waited") == "1",
    )


def read_id(text: str | None) -> UUID | None:
    """`text` as an id, None for anything else."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def read_sort(text: str | None) -> Sort:
    """The order that `text` names; the usual one for anything else."""
    return Sort(text) if text in _SORTS else Sort.LATEST


def _join(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
