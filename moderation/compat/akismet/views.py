"""The addresses of the Akismet API: who calls, which function answers, and how it is written."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

import structlog
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from moderation.compat.akismet.answers import PLAIN, AkismetAnswer, refuse, refuse_for_now
from moderation.compat.akismet.checking import check_comment
from moderation.compat.akismet.figures import tell_sites, tell_stats, tell_subscription, tell_usage
from moderation.compat.akismet.form import FormUnreadable, SentForm, read_form, read_key
from moderation.compat.akismet.mapping import is_of_site, missing_field
from moderation.compat.akismet.reports import report_comment
from moderation.compat.keys import CompatCaller
from moderation.compat.quota import count_score_call
from moderation.domain.status import Action
from moderation.lib.clock import now
from moderation.lib.database_errors import is_passing
from moderation.privacy import vault
from moderation.queries.keys import find_akismet_key

log = structlog.get_logger(__name__)

Answering: TypeAlias = Callable[[SentForm, CompatCaller], AkismetAnswer]
BAD_KEY = "This key is not valid here. Create an Akismet key in the admin, on your site's page Keys."
NO_KEY = "No key came. Send api_key (or key) as a field of an application/x-www-form-urlencoded form."
RETRY_AFTER_S = 5
BOTH = ("GET", "POST")


def endpoint(answer: Answering, *, methods: Sequence[str] = ("POST",)) -> Callable[..., HttpResponse]:
    """A view that finds the caller by the key and answers in Akismet's words, errors included."""

    def view(request: HttpRequest) -> HttpResponse:
        if request.method not in methods:
            return _not_allowed(methods)
        try:
            return _render(_answer(request, answer))
        except FormUnreadable as problem:
            return _render(refuse(str(problem)))
        except DatabaseError as error:
            if not is_passing(error):
                raise
            log.warning("akismet.unavailable", error=type(error).__name__)
            return _render(refuse_for_now("unavailable", status=503, retry_after_s=RETRY_AFTER_S))

    return csrf_exempt(view)


def _answer(request: HttpRequest, answer: Answering) -> AkismetAnswer:
    body = request.body if request.method == "POST" else b""
    form = read_form(body, request.META.get("QUERY_STRING", ""))
    if not (text := read_key(form, request.META.get("HTTP_HOST", ""))):
        return refuse(NO_KEY)
    key = find_akismet_key(text)
    caller = CompatCaller(key) if key else None
    if caller is None or not caller.is_server:
        return refuse(BAD_KEY)
    return answer(form, caller)


def _for_blog(answer: Answering) -> Answering:
    """Only for a blog of the key's own site."""

    def check_first(form: SentForm, caller: CompatCaller) -> AkismetAnswer:
        if name := missing_field(form):
            return refuse(f"The field {name} is missing.", error="missing-required-field")
        if not is_of_site(form["blog"], caller.site.hosts):
            return refuse(_other_blog(caller), error="invalid-blog")
        return answer(form, caller)

    return check_first


def _within_quota(answer: Answering) -> Answering:
    """Only as often in a minute as the operator allows one key."""

    def count_first(form: SentForm, caller: CompatCaller) -> AkismetAnswer:
        if wait_s := count_score_call(caller):
            return refuse_for_now("rate-limited", status=429, retry_after_s=wait_s)
        return answer(form, caller)

    return count_first


def _for_own_keys(answer: Answering) -> Answering:
    """Not for a key that may only have texts scored: such a one may stand in a page."""

    def check_first(form: SentForm, caller: CompatCaller) -> AkismetAnswer:
        if not caller.stores:
            return refuse("This key may only have texts scored.", error="not-allowed")
        return answer(form, caller)

    return check_first


def _verify_key(form: SentForm, caller: CompatCaller) -> AkismetAnswer:
    if not form["blog"]:
        return refuse("The field blog is missing.", error="missing-required-field")
    if not is_of_site(form["blog"], caller.site.hosts):
        return refuse(_other_blog(caller))
    return AkismetAnswer("valid")


def _other_blog(caller: CompatCaller) -> str:
    hosts = ", ".join(caller.site.hosts) or "none"
    return f"The blog is on none of the hosts of this key's site ({hosts}). Add its host in the admin."


def _token(form: SentForm, caller: CompatCaller) -> AkismetAnswer:
    """For the statistics page of akismet.com, which knows nothing of us: good for nothing here."""
    day = now().date().isoformat().encode()
    return AkismetAnswer(vault.request_digest("akismet-token", day, site_id=caller.site.id).hex())


def _deactivate(form: SentForm, caller: CompatCaller) -> AkismetAnswer:
    """The plugin was switched off; the key stays valid until it is revoked in the admin."""
    return AkismetAnswer("deactivated")


def _not_allowed(methods: Sequence[str]) -> HttpResponse:
    response = _render(refuse(f"Send a {' or '.join(methods)} request.", status=405))
    response["Allow"] = ", ".join(methods)
    return response


def _render(answer: AkismetAnswer) -> HttpResponse:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **answer.headers}
    return HttpResponse(answer.body, status=answer.status, content_type=answer.kind, headers=headers)


def connectivity_test(request: HttpRequest) -> HttpResponse:
    """Whether the service can be reached; WordPress asks this without a key."""
    if request.method not in (*BOTH, "HEAD"):
        return _not_allowed(BOTH)
    return HttpResponse("connected", content_type=PLAIN, headers={"Cache-Control": "no-store"})


verify_key = endpoint(_verify_key)
comment_check = endpoint(_for_blog(_within_quota(check_comment)))
submit_spam = endpoint(_for_blog(partial(report_comment, action=Action.SPAM)))
submit_ham = endpoint(_for_blog(partial(report_comment, action=Action.APPROVE)))
usage_limit = endpoint(_for_own_keys(tell_usage), methods=BOTH)
key_sites = endpoint(_for_own_keys(tell_sites), methods=BOTH)
get_subscription = endpoint(_for_own_keys(tell_subscription), methods=BOTH)
get_stats = endpoint(_for_own_keys(tell_stats), methods=BOTH)
token = endpoint(_token, methods=BOTH)
deactivate = endpoint(_deactivate, methods=BOTH)
