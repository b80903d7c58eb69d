"""Comments from the form: stored, or refused by showing the form again with the reason and all input."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from django.conf import settings
from django.db import Error as StoreError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext, gettext_lazy

from moderation.domain.errors import (
    Duplicate,
    FieldError,
    Flood,
    InvalidFields,
    NotFound,
    ParentNotPublished,
    Refused,
    StoreUnavailable,
    ThreadClosed,
)
from moderation.embed.discussion import build_discussion
from moderation.embed.form import FIELD_OF_INPUT, CommentForm, Typed, build_form, build_inputs, read_typed
from moderation.embed.page import RESPOND, Page, Wanted, read_id
from moderation.embed.remembered import cookie_name, forget, remember
from moderation.embed.showing import find_reply_to, make_private, render_page
from moderation.embed.wording import tell_error, tell_refusal, tell_wait
from moderation.flow.comments.submit import Submission, submit_comment
from moderation.flow.comments.threads import find_thread
from moderation.lib.client_ip import client_ip
from moderation.lib.database_errors import is_passing
from moderation.lib.tokens import TokenState
from moderation.lib.wording import mark
from moderation.models import Thread
from moderation.privacy.tokens import CommentLink, FormToken, comment_token, read_form_token
from moderation.queries.pages import takes_comments

UNAVAILABLE_RETRY_S = 5
CONFIRM = {
    TokenState.EXPIRED: gettext_lazy(
        "This page was open for a long time. Please confirm that you want to post this now."
    ),
    TokenState.MISSING: gettext_lazy("Please confirm that you want to post this."),
    TokenState.INVALID: gettext_lazy("Please confirm that you want to post this."),
}
_HTTP_STATUS: dict[type[Refused], int] = {InvalidFields: 422, Duplicate: 409, Flood: 429}


def post_comment(request: HttpRequest, load_page: Callable[[], Page]) -> HttpResponse:
    """Submit the input and redirect to the comment, or answer 4xx or 503 and keep the text.

    `load_page` may raise `Http404` or a `Refused`; they are passed on if nothing was typed.
    """
    typed = read_typed(request)
    try:
        page = load_page()
        return _submit(request, page, typed)
    except (Http404, Refused) as problem:
        if not typed.values["comment"].strip():
            raise
        return _say_not_posted(typed, problem)
    except StoreError as error:
        if not is_passing(error):
            raise
        return _say_unavailable(request, typed)


def _submit(request: HttpRequest, page: Page, typed: Typed) -> HttpResponse:
    thread = find_thread(page.site.id, page.ref)
    token = read_form_token(typed.token, site_id=page.site.id, thread=page.token_subject)
    try:
        parent_id = _check_place(page, thread, typed)
        if not typed.is_readable:
            raise InvalidFields([FieldError("body", "bad_encoding", mark("Some of it could not be read."))])
        if token.state != TokenState.OK:
            return _show_again(page, thread, typed, problem=str(CONFIRM[token.state]), asks_to_confirm=True)
        accepted = submit_comment(_build_submission(request, page, typed, token, parent_id))
    except Refused as refusal:
        return _refuse(page, thread, typed, refusal)
    own_id = str(accepted.comment_id)
    view = comment_token(accepted.comment_id, CommentLink.VIEW)
    response = HttpResponse(status=303)
    response["Location"] = page.link(f"comment-{own_id}", unapproved=own_id, view=view)
    response["Referrer-Policy"] = "no-referrer"
    make_private(response)
    if page.offers_consent:
        _remember_or_forget(request, response, page, typed)
    return response


def _remember_or_forget(request: HttpRequest, response: HttpResponse, page: Page, typed: Typed) -> None:
    if typed.has_consent:
        remember(response, page.site, typed.values)
    elif cookie_name(page.site) in request.COOKIES:
        forget(response, page.site)


def _check_place(page: Page, thread: Thread | None, typed: Typed) -> UUID | None:
    """The parent's id, if this is a reply. Raises `ThreadClosed` or `ParentNotPublished`."""
    if not takes_comments(page.site, thread):
        raise ThreadClosed
    if typed.parent in ("", "0"):
        return None
    found = find_reply_to(thread, read_id(typed.parent))
    if found is None:
        raise ParentNotPublished
    return found[0]


def _build_submission(
    request: HttpRequest, page: Page, typed: Typed, token: FormToken, parent_id: UUID | None
) -> Submission:
    return Submission(
        site=page.site,
        thread=page.ref,
        fields={FIELD_OF_INPUT[name]: value for name, value in typed.values.items()},
        parent_id=parent_id,
        work=typed.work,
        form_facts={
            "source": "form",
            "honeypot_filled": bool(typed.honeypot),
            "token_age_s": token.age_s,
            "token_by_script": token.by_script,
            "token_confirmed": token.confirmed,
        },
        ip=client_ip(
            request.META.get("REMOTE_ADDR", ""),
            request.META.get("HTTP_X_FORWARDED_FOR", ""),
            trusted_proxies=settings.TRUSTED_PROXIES,
        ),
    )


def _refuse(page: Page, thread: Thread | None, typed: Typed, refusal: Refused) -> HttpResponse:
    """The form again, with the message of `refusal`."""
    problem = tell_refusal(refusal)
    if isinstance(refusal, ParentNotPublished | NotFound):
        problem = gettext(
            "Sorry, you can reply only to a published comment. You can post this as a comment of its own."
        )
        typed = replace(typed, parent="")
    if isinstance(refusal, Flood):
        problem = f"{problem} {tell_wait(refusal.retry_after_s)}"
    response = _show_again(
        page,
        thread,
        typed,
        problem=problem,
        errors=refusal.errors if isinstance(refusal, InvalidFields) else None,
        http_status=_HTTP_STATUS.get(type(refusal), 403),
    )
    if isinstance(refusal, Flood):
        response["Retry-After"] = str(refusal.retry_after_s)
    return response


def _show_again(
    page: Page,
    thread: Thread | None,
    typed: Typed,
    *,
    problem: str,
    errors: list[FieldError] | None = None,
    asks_to_confirm: bool = False,
    http_status: int = 422,
) -> HttpResponse:
    form = build_form(
        page,
        values=typed.values,
        has_consent=typed.has_consent,
        reply_to=find_reply_to(thread, read_id(typed.parent)),
        errors=errors,
        problem=problem,
        asks_to_confirm=asks_to_confirm,
    )
    response = render_page(
        page, build_discussion(page, thread, Wanted(reply_to=form.reply_to)), form, http_status=http_status
    )
    make_private(response)
    return response


def _say_not_posted(typed: Typed, problem: Exception) -> HttpResponse:
    """There is no page for this form: show the text so that it can be copied."""
    http_status, why = 403, gettext("This page takes no comments.")
    if isinstance(problem, Http404):
        http_status = 404
    elif isinstance(problem, InvalidFields):
        http_status, why = 400, tell_error(problem.errors[0])
    elif isinstance(problem, Refused):
        why = tell_refusal(problem)
    page = render_to_string("embed/not_posted.html", {"problem": why, "typed": typed})
    response = HttpResponse(page, status=http_status)
    make_private(response)
    return response


def _say_unavailable(request: HttpRequest, typed: Typed) -> HttpResponse:
    """Nothing can be stored or read: the form as it was sent, without the page around it."""
    form = CommentForm(
        action=f"{request.get_full_path()}#{RESPOND}",
        token=typed.token,
        inputs=build_inputs(typed.values),
        has_consent=typed.has_consent,
        reply_to=read_id(typed.parent),
        problem=gettext(StoreUnavailable.message),
    )
    response = HttpResponse(render_to_string("embed/unavailable.html", {"form": form}), status=503)
    response["Retry-After"] = str(UNAVAILABLE_RETRY_S)
    make_private(response)
    return response
