"""Decisions by a site's own server: on one comment, on several, and undoing them."""

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest

from moderation.api.fields import Fields
from moderation.api.openapi import (
    BODY_PROBLEMS,
    COMMENT_ID,
    NO_QUERY,
    OF_BODY,
    SECRET_KEY,
    Operation,
    in_path,
)
from moderation.api.problems import ProblemShape, describe_refusal
from moderation.api.rendering import Response
from moderation.api.shapes import DecisionShape, show_decision
from moderation.api.structs import Id, Shape, Version, about, one_of
from moderation.api.view import DECIDE, READ_ALL, ApiView, allow
from moderation.domain.reasons import MACHINE_REASONS, REASONS
from moderation.domain.status import Action
from moderation.flow.comments.decide import PERSONS_ACTIONS, Choice, Decided, decide, decide_many, undo
from moderation.lib.uuid7 import uuid7

MOST_AT_ONCE = 100
MOST_NOTE = 1000
# Undo has an endpoint of its own.
OFFERED_REASONS = tuple(r for r in REASONS if r.code not in MACHINE_REASONS and r.code != "undo")

ActionCode = Annotated[str, one_of(PERSONS_ACTIONS)]
ReasonCode = Annotated[str, one_of([r.code for r in OFFERED_REASONS], "A code of `GET /api/v1/reasons`.")]
Note = Annotated[str, about("For the record; readers never see it.", most=MOST_NOTE)]
_ONE_COMMENTS_PROBLEMS = {
    **BODY_PROBLEMS,
    400: (*OF_BODY, *NO_QUERY),
    403: ("missing_scope",),
    404: (),
    409: ("stale_version", "action_not_possible"),
}


class DecisionInputShape(Shape):
    """A decision on one comment."""

    action: ActionCode
    reason: ReasonCode
    note: Note | None = None
    version: Version | None = None


class _WhichShape(Shape):
    id: Id
    version: Version | None = None


class DecisionsInputShape(Shape):
    """The same decision on several comments."""

    comments: Annotated[list[_WhichShape], about(least=1, most=MOST_AT_ONCE)]
    action: ActionCode
    reason: ReasonCode
    note: Note | None = None


class UndoInputShape(Shape):
    """Which version of the comment was seen."""

    version: Version | None = None


class _ResultShape(Shape):
    comment: Id
    decision: DecisionShape | None
    problem: ProblemShape | None


class DecisionResultsShape(Shape):
    """The result for each comment, in the order in which they were sent."""

    batch: Id
    results: list[_ResultShape]


class _OfferedReasonShape(Shape):
    code: str
    label: str
    to_author: str | None


class ReasonsShape(Shape):
    """The catalogue of reasons."""

    reasons: list[_OfferedReasonShape]


class DecideView(ApiView):
    """Decisions on one comment."""

    @allow(DECIDE)
    @Operation(
        name="decide",
        summary="Decide on a comment",
        text=(
            "Approve, reject, mark as spam, hold or delete, with a reason. With `version` the decision is "
            "refused if somebody else decided first, and the answer has the comment's status. Needs "
            "`decide`."
        ),
        security=[SECRET_KEY],
        parameters=[COMMENT_ID],
        takes=DecisionInputShape,
        example={"action": "approve", "reason": "fine", "version": 2},
        answers={201: ("Decided.", DecisionShape)},
        links={
            "undo": {"decision_id": "$response.body#/id"},
            "readComment": {"comment_id": "$response.body#/comment"},
        },
        problems=_ONE_COMMENTS_PROBLEMS,
        tag="Decisions",
    )
    def post(self, request: HttpRequest, comment_id: UUID) -> Response:
        """Decide; with `version`, only if nobody else has in the meantime."""
        sent = self.read_shape(DecisionInputShape)
        decision = decide(
            Choice(comment_id, sent.version),
            site_id=self.caller.site.id,
            actor=self.caller.actor,
            action=Action(sent.action),
            reason=sent.reason,
            note=sent.note or "",
        )
        return Response(show_decision(decision), status=201)


class DecideManyView(ApiView):
    """One decision on several comments."""

    @allow(DECIDE)
    @Operation(
        name="decideMany",
        summary="Decide on several comments at once",
        text=(
            "Up to 100 at once. Each is decided independently: `results` has a decision or a problem for "
            "each, in the order in which they were sent. Needs `decide`."
        ),
        security=[SECRET_KEY],
        takes=DecisionsInputShape,
        example={
            "comments": [{"id": "019a0000-0000-7000-8000-000000000001", "version": 2}],
            "action": "spam",
            "reason": "spam",
        },
        answers={200: ("The result for each.", DecisionResultsShape)},
        links={
            "undo": {"decision_id": "$response.body#/results/0/decision/id"},
            "readComment": {"comment_id": "$response.body#/results/0/comment"},
        },
        problems={**BODY_PROBLEMS, 400: (*OF_BODY, *NO_QUERY), 403: ("missing_scope",)},
        tag="Decisions",
    )
    def post(self, request: HttpRequest) -> Response:
        """Decide each independently: what cannot be done is reported, and the rest is carried out."""
        fields = Fields(self.read_json())
        sent = fields.read(DecisionsInputShape)
        if len({each.id for each in sent.comments}) != len(sent.comments):
            fields.note("comments", "repeated", "Name each comment once.")
        fields.finish()
        batch_id = uuid7()
        decided = decide_many(
            [Choice(each.id, each.version) for each in sent.comments],
            site_id=self.caller.site.id,
            actor=self.caller.actor,
            batch_id=batch_id,
            action=Action(sent.action),
            reason=sent.reason,
            note=sent.note or "",
        )
        results = [_show_result(one) for one in decided]
        return Response(DecisionResultsShape(batch=batch_id, results=results))


class UndoView(ApiView):
    """Undo of a decision."""

    @allow(DECIDE)
    @Operation(
        name="undo",
        summary="Undo a decision",
        text=(
            "Returns the comment to its former status, if nothing has been decided since. The body is "
            "optional. Needs `decide`."
        ),
        security=[SECRET_KEY],
        parameters=[in_path("decision_id", "The decision.", format="uuid")],
        takes=UndoInputShape,
        example={"version": 3},
        may_be_empty=True,
        answers={201: ("The decision was undone.", DecisionShape)},
        links={name: {"comment_id": "$response.body#/comment"} for name in ("readComment", "decide")},
        problems=_ONE_COMMENTS_PROBLEMS,
        tag="Decisions",
    )
    def post(self, request: HttpRequest, decision_id: UUID) -> Response:
        """Return the comment to its status before the latest decision."""
        sent = self.read_shape(UndoInputShape, may_be_empty=True)
        decision = undo(
            decision_id, site_id=self.caller.site.id, actor=self.caller.actor, seen_version=sent.version
        )
        return Response(show_decision(decision), status=201)


class ReasonsView(ApiView):
    """The catalogue of reasons."""

    @allow(READ_ALL)
    @Operation(
        name="listReasons",
        summary="List the reasons",
        text="The catalogue of reasons, with the text that an author is shown. Needs the scope `read` or "
        "`decide`.",
        security=[SECRET_KEY],
        answers={200: ("The catalogue.", ReasonsShape)},
        problems={400: NO_QUERY, 401: (), 403: ("missing_scope",)},
        tag="Decisions",
    )
    def get(self, request: HttpRequest) -> Response:
        """The reasons that may be given, in the order in which they are offered."""
        shown = [
            _OfferedReasonShape(code=reason.code, label=reason.label, to_author=reason.to_author or None)
            for reason in OFFERED_REASONS
        ]
        return Response(ReasonsShape(reasons=shown))


def _show_result(decided: Decided) -> _ResultShape:
    return _ResultShape(
        comment=decided.comment_id,
        decision=show_decision(decided.decision) if decided.decision else None,
        problem=describe_refusal(decided.refusal) if decided.refusal else None,
    )
