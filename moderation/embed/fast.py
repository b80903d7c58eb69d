"""Thread pages from memory, before Django is called: an entry of the setting FAST_ANSWERS."""

import re

from django.core.exceptions import TooManyFieldsSent
from django.http import QueryDict

from moderation.embed.frame import read_theme
from moderation.embed.framing import keeps_cookies, may_be_strange
from moderation.embed.language import read_language
from moderation.embed.page import read_wanted
from moderation.embed.remembered import COOKIE_PREFIX
from moderation.lib.answer import Answer, RequestHeaders
from moderation.lib.urls import canonical_or_none
from moderation.queries.page_freshness import FastPages, get_fast_pages, is_proven_secure
from moderation.queries.page_memory import LONGEST_QUERY, PageKey

_ARTICLE = re.compile(r"/articles/[-a-zA-Z0-9_]+/")
_FRAME = re.compile(r"/embed/([-a-zA-Z0-9_]+)/thread")


def answer_fast(method: str, path: str, query: str, headers: RequestHeaders) -> Answer | None:
    """The page if its copy may be sent."""
    if method != "GET" or not path.startswith(("/articles/", "/embed/")):
        return None
    return answer_page(get_fast_pages(), path, query, headers)


def answer_page(fast: FastPages, path: str, query: str, headers: RequestHeaders) -> Answer | None:
    """The page from `fast`, for a GET request."""
    is_secure = is_proven_secure(headers)
    if is_secure is None or COOKIE_PREFIX in (headers.get("cookie") or "") or len(query) > LONGEST_QUERY:
        return None
    try:
        given = QueryDict(query.encode("latin-1"))  # as Django reads it
    except (UnicodeEncodeError, TooManyFieldsSent):
        return None
    wanted = read_wanted(given)
    named = _read_name(fast, path, given)
    if named is None or not wanted.is_anybodys or may_be_strange(headers, named[0]):
        return None
    name, theme = named
    is_apart = bool(name) and not keeps_cookies(headers, given)
    language = read_language(given.get("lang"))
    key = PageKey(path, name, wanted.position, theme, is_apart, is_secure, language)
    return fast.answer(key, headers)


def _read_name(fast: FastPages, path: str, given: QueryDict) -> tuple[str, str] | None:
    """Which thread is requested, and in which colours."""
    if _ARTICLE.fullmatch(path):
        return "", ""
    frame = _FRAME.fullmatch(path)
    if frame is None or fast.site_of_key(frame[1]) is None:
        return None
    url = canonical_or_none(given.get("url", ""))
    return None if url is None else (url, read_theme(given))
