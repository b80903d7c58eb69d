"""How many comments the threads of up to 100 pages have, in one answer: for lists of articles."""

import time
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from moderation.domain.errors import FieldError, InvalidFields
from moderation.embed.answers import open_to_scripts, respond_with_data
from moderation.embed.frame import access_site
from moderation.embed.sharing import copy_response, to_response
from moderation.flow.comments.threads import ThreadRef, thread_key
from moderation.lib.urls import canonical_or_none
from moderation.models import Site
from moderation.queries.count_memory import CountsAnswer, counts
from moderation.queries.page_memory import Kept
from moderation.queries.pages import counts_of_threads

MOST_URLS = 100
# Longer queries are answered and not kept: an answer holds its question.
LONGEST_KEPT_QUERY = 16_000


@require_safe
@open_to_scripts
def thread_counts(request: HttpRequest, public_key: str) -> HttpResponse:
    """The number of published comments of each `url`, under the URL as it was sent.

    A page without a thread on this site has none, and so has a URL that is no page's.
    """
    site = access_site(public_key)
    keys = _read_keys(request)
    kept = _build(request, site, keys)
    asked = request.headers
    return to_response(kept.answer(asked.get("Accept-Encoding", ""), asked.get("If-None-Match", "")))


def name_of_asked(site_id: UUID, query: str) -> str:
    """The name in memory of an answer to this query string."""
    return f"{site_id}?{query}"


def _read_keys(request: HttpRequest) -> dict[str, str]:
    """The thread's name for each URL as it was sent, "" where it can be none. Raises `InvalidFields`."""
    urls = request.GET.getlist("url")
    if not 0 < len(urls) <= MOST_URLS:
        message = f"Name 1 to {MOST_URLS} pages: ?url=https://…&url=https://…"
        raise InvalidFields([FieldError("url", "invalid_parameter", message)])
    return {url: _name(url) for url in urls}


def _name(url: str) -> str:
    canonical = canonical_or_none(url)
    return thread_key(ThreadRef(url=url, canonical=canonical)) if canonical else ""


def _build(request: HttpRequest, site: Site, keys: Mapping[str, str]) -> Kept:
    """The answer, made of the counts in memory or of one query."""
    names = tuple(keys.values())
    found = _find_counts(site.id, names)
    response = respond_with_data({"counts": dict(zip(keys, found, strict=True))})
    kept = copy_response(request, response, site, site.id, found)
    query = request.META.get("QUERY_STRING", "")
    if len(query) <= LONGEST_KEPT_QUERY:
        answer = CountsAnswer(site.id, names, kept)
        counts.keep_answer(name_of_asked(site.id, query), answer, is_secure=request.is_secure())
    return kept


def _find_counts(site_id: UUID, names: Sequence[str]) -> tuple[int, ...]:
    """The counts as the database has them now, which costs one query."""
    read_at = time.monotonic()
    wanted = {name for name in names if name}
    stored = counts_of_threads(site_id, wanted) if wanted else {}
    counts.keep(site_id, {name: stored.get(name, 0) for name in names}, read_at=read_at)
    return tuple(stored.get(name, 0) for name in names)
