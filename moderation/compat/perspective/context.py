"""What is told of a comment's surroundings: the comment that it answers, the article, the page. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from moderation.compat.perspective.errors import refuse_request
from moderation.compat.perspective.reading import take, take_list, take_object, take_text

_TEXT_TYPES = ("", "TEXT_TYPE_UNSPECIFIED", "PLAIN_TEXT")
_CORALS_COMMENT = "commentID="


@dataclass(frozen=True, slots=True)
class CommentContext:
    """What a comment is said about: whether it answers another one, and the page, where that is told."""

    is_reply: bool = False
    on_article: bool = False
    url: str = ""


_NO_CONTEXT = CommentContext()


def read_text(entry: Any) -> str:
    """The text of a text entry. Raises `PerspectiveRefused`."""
    if not isinstance(entry, dict):
        raise refuse_request("A text entry must be an object.")
    if take_text(entry, "type") not in _TEXT_TYPES:
        raise refuse_request("Only text of the type PLAIN_TEXT is supported.")
    return take_text(entry, "text")


def read_context(given: Mapping[str, Any]) -> CommentContext:
    """What is told of the comment's surroundings. Raises `PerspectiveRefused`."""
    context = take_object(given, "context")
    if not context:
        return _NO_CONTEXT
    entries = [read_text(entry) for entry in take_list(context, "entries")]
    pair = take_object(context, "articleAndParentComment")
    if entries and pair:
        raise refuse_request("A context has either entries or an article and a parent comment.")
    article = read_text(take(pair, "article") or {})
    parent = read_text(take(pair, "parentComment") or {})
    urls = (_url_in(text) for text in [*entries, article])
    return CommentContext(
        is_reply=bool(parent.strip()),
        on_article=bool(article.strip()) and not parent.strip(),
        url=next((url for url in urls if url), ""),
    )


def _url_in(text: str) -> str:
    """The page's address in a context: alone, or as a value of a JSON object, as Coral sends it."""
    values = [text]
    if text.lstrip().startswith("{"):
        try:
            values = [each for each in orjson.loads(text).values() if isinstance(each, str)]
        except orjson.JSONDecodeError:
            return ""
    return next((_page_of(each.strip()) for each in values if _is_url(each.strip())), "")


def _page_of(url: str) -> str:
    """`url` without the parameter by which Coral names a comment on its page."""
    parts = urlsplit(url)
    kept = [each for each in parts.query.split("&") if not each.startswith(_CORALS_COMMENT)]
    return parts._replace(query="&".join(kept)).geturl()


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not any(map(str.isspace, text))
