"""Comments: submit one, ask how one stands, list a site's."""

from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from rest_framework import exceptions

from moderation.api import operations
from moderation.api.cors import ANYBODY, allow_origin, answer_preflight
from moderation.api.limits import PublicReadView, check_submit_rate
from moderation.api.problems import ProblemRaised
from moderation.api.rendering import Response
from moderation.api.shapes import show_comment, show_decision, show_status
from moderation.api.submission import build_submission
from moderation.api.view import NO_KEY, READ_ALL, SUBMIT, ApiView, allow
from moderation.domain.errors import FieldError, InvalidFields, NotFound, ParentNotPublished
from moderation.domain.status import Status
from moderation.flow.comments.submit import Accepted, Submission, submit_comment
from moderation.lib.tokens import TokenState
from moderation.privacy.tokens import CommentLink, check_comment_token, comment_token
from moderation.queries.comments import (
    access_comment,
    access_status,
    comment_page,
    decisions_on,
    latest_screenings,
)

_ANY_ID = "00000000-0000-0000-0000-000000000000"


class CommentsView(ApiView):
    """All comments of a site, as far as the key reaches."""

    @allow(SUBMIT)
    @operations.submit_comment
    def post(self, request: HttpRequest) -> Response:
        """Store a comment for screening; the answer follows the commit."""
        self._check_origin()
        if not self.caller.is_secret:
            check_submit_rate(self.caller.key.public_id, self.caller.site)
        raw = self.read_json()
        submission = build_submission(
            raw,
            caller=self.caller,
            ip="" if self.caller.is_secret else self.ip,
            body=request.body,
            idempotency_key=request.META.get("HTTP_IDEMPOTENCY_KEY"),
        )
        return self._answer(_submit(submission))

    @allow(READ_ALL, "status", "after", "limit")
    @operations.list_comments
    def get(self, request: HttpRequest) -> Response:
        """One page of comments with their screenings, oldest first."""
        status = self.query.choice("status", [status.value for status in Status])
        page = comment_page(
            self.caller.site.id,
            status=Status(status) if status else None,
            after=self.query.uuid("after"),
            limit=self.query.limit(),
        )
        shown = [show_comment(comment, page.screenings.get(comment.id)) for comment in page.comments]
        return Response({"comments": shown, "next_after": page.next_after})

    def options(  # type: ignore[override]  # an answer of our own kind
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> Response:
        """A browser asks whether a page may post; any site's page may ask."""
        origin = request.META.get("HTTP_ORIGIN")
        if origin is None:
            return Response(status=204)
        headers = answer_preflight(origin)
        if headers is None:
            raise _origin_refused()
        self.more_headers = {**headers, "Vary": "Origin"}
        return Response(status=204)

    def _check_origin(self) -> None:
        """A public key works from its own site's pages only; a secret one never speaks to a browser."""
        origin = self.request.META.get("HTTP_ORIGIN")
        if origin is None or self.caller.is_secret:
            return
        headers = allow_origin(origin, self.caller.site.hosts)
        if headers is None:
            raise _origin_refused()
        self.more_headers = {**headers, "Vary": "Origin"}

    def _answer(self, accepted: Accepted) -> Response:
        url = _status_url(accepted.comment_id)
        status = Status(accepted.status)
        shown = {**show_status(accepted.comment_id, status), "status_url": url}
        if self.caller.is_secret:
            shown["moderation_status"] = status
        headers = {"Location": url} | ({} if accepted.is_new else {"Idempotent-Replayed": "true"})
        return Response(shown, status=202, headers=headers)


class CommentView(PublicReadView):
    """One comment: for its author by a signed token, for its site by a key."""

    @allow(NO_KEY, "token")
    @operations.read_comment
    def get(self, request: HttpRequest, comment_id: UUID) -> Response:
        """How the comment stands, in as many words as the asker may hear."""
        if self.asker is not None:
            return Response(self._show_to_key(comment_id))
        token = self.query.text("token")
        if not token:
            raise exceptions.NotAuthenticated
        self.more_headers = dict(ANYBODY)
        if check_comment_token(token, comment_id, CommentLink.STATUS) != TokenState.OK:
            raise NotFound
        return Response(show_status(comment_id, access_status(comment_id)))

    def _show_to_key(self, comment_id: UUID) -> dict[str, Any]:
        comment = access_comment(self.caller.site.id, comment_id)
        if self.caller.sees_everything:
            screening = latest_screenings([comment.id]).get(comment.id)
            decisions = [show_decision(decision) for decision in decisions_on(comment)]
            return {**show_comment(comment, screening), "decisions": decisions}
        if comment.status != Status.PUBLISHED:
            raise NotFound
        return show_status(comment.id, Status(comment.status))


def _submit(submission: Submission) -> Accepted:
    """Submit; a parent of another thread or site reads like one that never was."""
    try:
        return submit_comment(submission)
    except (NotFound, ParentNotPublished) as refused:
        code = "unknown_parent" if isinstance(refused, NotFound) else refused.code
        raise InvalidFields([FieldError("parent", code, refused.message)]) from None


def _status_url(comment_id: UUID) -> str:
    """A signed address, on our own host whatever the request said: it is passed on and kept."""
    path = _path_of_comments().replace(_ANY_ID, str(comment_id))
    return f"{settings.PUBLIC_URL}{path}?token={comment_token(comment_id, CommentLink.STATUS)}"


@cache
def _path_of_comments() -> str:
    """Resolved once: the address of a comment whose id stands for all."""
    return reverse("api:comment", kwargs={"comment_id": _ANY_ID})


def _origin_refused() -> ProblemRaised:
    return ProblemRaised(403, "origin_not_allowed", "Pages of this address may not use this key.")
