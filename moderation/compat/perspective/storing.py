"""Stores what `comments:suggestscore` brings as a comment of the site, with the decision on it."""

from copy import copy

from moderation.compat.keys import CompatCaller
from moderation.compat.perspective.errors import refuse_request
from moderation.compat.perspective.suggestion import ScoreSuggestion
from moderation.domain.errors import InvalidFields, Refused, ThreadClosed
from moderation.domain.fields import CleanFields, clean_submission_fields
from moderation.flow.comments.reported import submit_decided
from moderation.flow.comments.submit import Submission
from moderation.flow.comments.threads import ThreadRef
from moderation.lib.urls import host_of
from moderation.models import Site

# No page has this key: what it holds is seen by moderators, and by whoever asks the API for it by name.
OWN_THREAD = ThreadRef(key="perspective:suggestscore", title="Suggested scores")


def store_suggestion(suggestion: ScoreSuggestion, caller: CompatCaller) -> None:
    """Store and decide the comment, on its page where that is one of the site's that takes comments, else in
    a thread of its own. Raises `PerspectiveRefused`.
    """
    fields = _clean(suggestion.text)
    try:
        page = _page_of(suggestion.context.url, caller.site)
        if page is None or not _submit_there(suggestion, caller, fields, page):
            _submit(suggestion, caller, fields, OWN_THREAD)
    except Refused as refusal:
        raise refuse_request(refusal.message) from None


def _submit_there(
    suggestion: ScoreSuggestion, caller: CompatCaller, fields: CleanFields, page: ThreadRef
) -> bool:
    """Whether the page took the comment: it does not if it is closed."""
    try:
        _submit(suggestion, caller, fields, page)
    except ThreadClosed:
        return False
    return True


def _submit(
    suggestion: ScoreSuggestion, caller: CompatCaller, fields: CleanFields, thread: ThreadRef
) -> None:
    site = caller.site
    if thread is OWN_THREAD:  # open where the site's pages are closed, too
        site = copy(site)
        site.is_open = True
    submission = Submission(
        site=site,
        thread=thread,
        fields=fields,
        form_facts={"source": "server"},
        may_create_thread_anywhere=thread is OWN_THREAD,
        idempotency_key=suggestion.key,
    )
    submit_decided(submission, action=suggestion.action, reason=suggestion.reason, actor=caller.actor)


def _clean(text: str) -> CleanFields:
    try:
        return clean_submission_fields({"body": text}, requires_email=False)
    except InvalidFields as problem:
        error = problem.errors[0]
        kinds = {"too_long": "COMMENT_TOO_LONG", "required": "COMMENT_EMPTY"}
        raise refuse_request(error.message, kinds.get(error.code, "INVALID_REQUEST")) from None


def _page_of(url: str, site: Site) -> ThreadRef | None:
    """The page at `url` if it is on one of the site's hosts."""
    try:
        is_ours = bool(url) and host_of(url) in site.hosts
    except ValueError:
        return None
    return ThreadRef(url=url) if is_ours else None
