"""Comments: submit one, read the status of one, list a site's comments."""

from functools import cache
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from msgspec import UNSET, UnsetType
from rest_framework import exceptions

from moderation.api.cors import ANYBODY, allow_origin, answer_preflight
from moderation.api.limits import PublicReadView, check_submit_rate
from moderation.api.openapi import (
    AFTER,
    BODY_PROBLEMS,
    COMMENT_ID,
    LIMIT,
    NO_QUERY,
    OF_BODY,
    OF_QUERY,
    PAGE_CODES,
    PUBLIC_KEY,
    SECRET_KEY,
    TOKEN,
    Operation,
    in_header,
    in_query,
)
from moderation.api.problems import ProblemRaised
from moderation.api.rendering import Response
from moderation.api.shapes import (
    CommentShape,
    CommentStatusShape,
    CommentWithDecisionsShape,
    show_comment,
    show_comment_with_decisions,
    show_status,
)
from moderation.api.structs import Id, Shape, about
from moderation.api.submission import SubmissionShape, build_submission
from moderation.api.view import NO_KEY, READ_ALL, SUBMIT, ApiView, allow
from moderation.domain.errors import FieldError, InvalidFields, NotFound, ParentNotPublished
from moderation.domain.status import ReaderStatus, Status, tell_reader
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


class AcceptedShape(Shape):
    """A comment that was stored and will be screened."""

    id: Id
    status: ReaderStatus
    status_url: Annotated[
        str, about("Signed and valid for 30 days; also in the `Location` header.", format="uri")
    ]
    moderation_status: Annotated[Status, about("Secret key only.")] | UnsetType = UNSET


class CommentPageShape(Shape):
    """One page of a site's comments."""

    comments: list[CommentShape]
    next_after: Id | None


class CommentsView(ApiView):
    """All comments of a site, as far as the key permits."""

    @allow(SUBMIT)
    @Operation(
        name="submitComment",
        summary="Submit a comment",
        text=(
            "Stores the comment with its address encrypted, and answers once it is committed. It is then "
            "screened; `status_url` reports the result. With an `Idempotency-Key` a call can be repeated "
            "safely: the same key and body give the same comment. A script in a page sends its `Origin`, "
            "which has to be one of the site's hosts; a public key creates threads only for URLs on them."
        ),
        security=[PUBLIC_KEY, SECRET_KEY],
        parameters=[
            in_header(
                "Idempotency-Key",
                "Any text of yours that identifies the call.",
                maxLength=255,
                pattern="^[ -~]+$",
            )
        ],
        takes=SubmissionShape,
        example={
            "thread": {"url": "https://news.example/2026/harbour", "title": "The harbour reopens"},
            "name": "Ada",
            "email": "ada@reader.example",
            "body": "I was there this morning, and it looks splendid.",
        },
        answers={202: ("Stored; it will be screened.", AcceptedShape)},
        links={name: {"comment_id": "$response.body#/id"} for name in ("readComment", "decide")},
        problems={
            **BODY_PROBLEMS,
            400: (*OF_BODY, "invalid_idempotency_key", *NO_QUERY),
            403: ("missing_scope", "thread_closed", "thread_not_allowed", "origin_not_allowed"),
            409: ("duplicate",),
            422: (),
            429: ("flood", "rate_limited"),
        },
    )
    def post(self, request: HttpRequest) -> Response:
        """Store a comment for screening; the response is sent after the commit."""
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

    @allow(READ_ALL)
    @Operation(
        name="listComments",
        summary="List comments",
        text=(
            "A site's comments, oldest first, each with its latest screening. `status=held` lists those "
            "that wait for review. Needs the scope `read` or `decide`."
        ),
        security=[SECRET_KEY],
        parameters=[
            in_query("status", "Only comments with this status.", enum=[status.value for status in Status]),
            AFTER,
            LIMIT,
        ],
        answers={200: ("One page.", CommentPageShape)},
        links={
            "listComments": {"after": "$response.body#/next_after"},
            "readComment": {"comment_id": "$response.body#/comments/0/id"},
            "decide": {"comment_id": "$response.body#/comments/0/id"},
            "readThread": {"thread_id": "$response.body#/comments/0/thread/id"},
        },
        problems={400: PAGE_CODES, 401: (), 403: ("missing_scope",)},
    )
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
        return Response(CommentPageShape(comments=shown, next_after=page.next_after))

    def options(  # type: ignore[override]  # an answer of our own kind
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> Response:
        """A browser's preflight for a POST; pages of any registered site may ask."""
        origin = request.META.get("HTTP_ORIGIN")
        if origin is None:
            return Response(status=204)
        headers = answer_preflight(origin)
        if headers is None:
            raise _origin_refused()
        self.more_headers = {**headers, "Vary": "Origin"}
        return Response(status=204)

    def _check_origin(self) -> None:
        """A public key works only from its own site's pages; a secret key never works from a browser."""
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
        shown = AcceptedShape(
            id=accepted.comment_id,
            status=tell_reader(status),
            status_url=url,
            moderation_status=status if self.caller.is_secret else UNSET,
        )
        headers = {"Location": url} | ({} if accepted.is_new else {"Idempotent-Replayed": "true"})
        return Response(shown, status=202, headers=headers)


class CommentView(PublicReadView):
    """One comment, for its author by a signed token and for its site by a key."""

    @allow(NO_KEY)
    @Operation(
        name="readComment",
        summary="Read a comment's status",
        text=(
            "With the `token` of `status_url`: what its author may know, for scripts of any page. With a "
            "secret key that has the scope `read` or `decide`: everything but the address. With any other "
            "key: whether it is published, and 404 while it is not."
        ),
        security=[TOKEN, SECRET_KEY, PUBLIC_KEY],
        parameters=[COMMENT_ID, in_query("token", "The signed token of `status_url`.")],
        answers={200: ("Its status.", CommentStatusShape, CommentWithDecisionsShape)},
        links={
            "decide": {"comment_id": "$response.body#/id"},
            "undo": {"decision_id": "$response.body#/decisions/0/id"},
        },
        problems={400: OF_QUERY, 401: (), 404: (), 429: ("rate_limited",)},
    )
    def get(self, request: HttpRequest, comment_id: UUID) -> Response:
        """The comment's status, in as much detail as the caller may see."""
        if self.asker is not None:
            return Response(self._show_to_key(comment_id))
        token = self.query.text("token")
        if not token:
            raise exceptions.NotAuthenticated
        self.more_headers = dict(ANYBODY)
        if check_comment_token(token, comment_id, CommentLink.STATUS) != TokenState.OK:
            raise NotFound
        return Response(show_status(comment_id, access_status(comment_id)))

    def _show_to_key(self, comment_id: UUID) -> CommentStatusShape | CommentWithDecisionsShape:
        comment = access_comment(self.caller.site.id, comment_id)
        if self.caller.sees_everything:
            screening = latest_screenings([comment.id]).get(comment.id)
            return show_comment_with_decisions(comment, screening, decisions_on(comment))
        if comment.status != Status.PUBLISHED:
            raise NotFound
        return show_status(comment.id, Status(comment.status))


def _submit(submission: Submission) -> Accepted:
    """Submit; a parent of another thread or site looks like one that does not exist."""
    try:
        return submit_comment(submission)
    except (NotFound, ParentNotPublished) as refused:
        code = "unknown_parent" if isinstance(refused, NotFound) else refused.code
        raise InvalidFields([FieldError("parent", code, refused.message)]) from None


def _status_url(comment_id: UUID) -> str:
    """A signed URL, always on our own host, whatever the request said: it is passed on and stored."""
    path = _path_of_comments().replace(_ANY_ID, str(comment_id))
    return f"{settings.PUBLIC_URL}{path}?token={comment_token(comment_id, CommentLink.STATUS)}"


@cache
def _path_of_comments() -> str:
    """Resolved once: the path of a comment with a placeholder id."""
    return reverse("api:comment", kwargs={"comment_id": _ANY_ID})


def _origin_refused() -> ProblemRaised:
    return ProblemRaised(403, "origin_not_allowed", "Pages of this origin may not use this key.")
