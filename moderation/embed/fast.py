"""Threads as pages and as data from memory, before Django is called: an entry of the setting FAST_ANSWERS."""

import re
import time

from django.core.exceptions import TooManyFieldsSent
from django.http import QueryDict

from moderation.embed.frame import read_theme
from moderation.embed.framing import keeps_cookies, may_be_strange
from moderation.embed.language import read_language
from moderation.embed.page import Wanted, read_wanted
from moderation.embed.remembered import COOKIE_PREFIX
from moderation.embed.thread_counts import name_of_asked
from moderation.embed.thread_data import build_key
from moderation.lib.answer import Answer, RequestHeaders
from moderation.lib.urls import canonical_or_none
from moderation.queries.count_memory import counts
from moderation.queries.page_freshness import FastPages, get_fast_pages, is_proven_secure
from moderation.queries.page_memory import LONGEST_QUERY, PageKey

_ARTICLE = re.compile(r"/articles/[-a-zA-Z0-9_]+/")
_COUNTS = re.compile(r"/embed/([-a-zA-Z0-9_]+)/counts\.json")
_EMBEDDED = re.compile(r"/embed/([-a-zA-Z0-9_]+)/(thread|thread\.json)")


def answer_fast(method: str, path: str, query: str, headers: RequestHeaders) -> Answer | None:
    """The page if its copy may be sent."""
    if method != "GET" or not path.startswith(("/articles/", "/embed/")):
        return None
    return answer_page(get_fast_pages(), path, query, headers)


def answer_page(fast: FastPages, path: str, query: str, headers: RequestHeaders) -> Answer | None:
    """The page, or the thread as data, from `fast`, for a GET request."""
    is_secure = is_proven_secure(headers)
    if path.endswith("/counts.json"):
        return None if is_secure is None else _answer_counts(fast, path, query, headers, is_secure=is_secure)
    if is_secure is None or COOKIE_PREFIX in (headers.get("cookie") or "") or len(query) > LONGEST_QUERY:
        return None
    try:
        given = QueryDict(query.encode("latin-1"))  # as Django reads it
    except (UnicodeEncodeError, TooManyFieldsSent):
        return None
    wanted = read_wanted(given)
    if _ARTICLE.fullmatch(path):
        key: PageKey | None = PageKey(path, "", wanted.position)
    else:
        key = _find_embedded(fast, path, given, wanted, headers)
    if key is None or not wanted.is_anybodys:
        return None
    language = read_language(given.get("lang"))
    return fast.answer(key._replace(is_secure=is_secure, language=language), headers)


def _answer_counts(
    fast: FastPages, path: str, query: str, headers: RequestHeaders, *, is_secure: bool
) -> Answer | None:
    found = _COUNTS.fullmatch(path)
    site_id = fast.site_of_key(found[1]) if found else None
    if site_id is None:
        return None
    asked, now = name_of_asked(site_id, query), time.monotonic()
    return counts.answer(fast, asked, headers, is_secure=is_secure, now=now)


def _find_embedded(
    fast: FastPages, path: str, given: QueryDict, wanted: Wanted, headers: RequestHeaders
) -> PageKey | None:
    """The key of what a site's public key in the path opens."""
    found = _EMBEDDED.fullmatch(path)
    site_id = fast.site_of_key(found[1]) if found else None
    url = canonical_or_none(given.get("url", ""))
    if found is None or site_id is None or url is None:
        return None
    if found[2] == "thread.json":
        return build_key(site_id, url, wanted.position)
    if may_be_strange(headers, url):
        return None
    return PageKey(path, url, wanted.position, read_theme(given), not keeps_cookies(headers, given))
