"""Threads as JSON from memory, before Django is called: an entry of the setting FAST_ANSWERS."""

import re

from django.http import HttpRequest

from moderation.api.cors import ANYBODY
from moderation.api.problems import ProblemRaised
from moderation.api.query_string import read_query
from moderation.api.rendering import JSON_TYPE
from moderation.api.threads import NAMED, build_key, read_position, read_ref
from moderation.flow.comments.threads import thread_key
from moderation.lib.answer import Answer, RequestHeaders
from moderation.lib.request_id import REQUEST_ID_HEADER, new_request_id
from moderation.queries.page_freshness import FastPages, get_fast_pages, is_proven_secure
from moderation.queries.page_memory import LONGEST_QUERY

_PATH = re.compile(r"/api/v1/sites/([-a-zA-Z0-9_]+)/thread")


def answer_fast(method: str, path: str, query: str, headers: RequestHeaders) -> Answer | None:
    """A thread requested with a public key in the path, if its copy may be sent."""
    if method != "GET" or not path.startswith("/api/v1/sites/"):
        return None
    return answer_thread(get_fast_pages(), path, query, headers)


def answer_thread(fast: FastPages, path: str, query: str, headers: RequestHeaders) -> Answer | None:
    """The response from `fast`, for a GET request. Refusals are left to Django."""
    found, is_secure = _PATH.fullmatch(path), is_proven_secure(headers)
    if found is None or is_secure is None or len(query) > LONGEST_QUERY or not _takes_json(headers):
        return None
    site_id = fast.site_of_key(found[1])
    if site_id is None:
        return None
    request = HttpRequest()
    request.META["QUERY_STRING"] = query
    try:
        given = read_query(request, NAMED)
        name, position = thread_key(read_ref(given)), read_position(given)
    except ProblemRaised:
        return None
    kept = fast.answer(build_key(site_id, name, position, is_secure=is_secure), headers)
    if kept is None:
        return None
    own = [*ANYBODY.items(), (REQUEST_ID_HEADER, new_request_id())]
    return kept._replace(headers=[*kept.headers, *own])


def _takes_json(headers: RequestHeaders) -> bool:
    accept = headers.get("accept") or "*/*"
    return "*/*" in accept or JSON_TYPE in accept
