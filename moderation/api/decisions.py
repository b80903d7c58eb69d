"""Decisions by a site's own server: on one comment, on many, and back again."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from moderation.api import operations
from moderation.api.fields import Fields
from moderation.api.problems import describe_refusal
from moderation.api.rendering import Response
from moderation.api.schemas import OFFERED_REASONS
from moderation.api.shapes import show_decision
from moderation.api.view import DECIDE, READ_ALL, ApiView, allow
from moderation.domain.status import Action
from moderation.flow.comments.decide import PERSONS_ACTIONS, Choice, Decided, decide, decide_many, undo
from moderation.lib.uuid7 import uuid7

MOST_AT_ONCE = 100
MOST_NOTE = 1000
_ACTIONS = [action.value for action in PERSONS_ACTIONS]
_REASONS = [reason.code for reason in OFFERED_REASONS]


class DecideView(ApiView):
    """Decisions on one comment."""

    @allow(DECIDE)
    @operations.decide
    def post(self, request: HttpRequest, comment_id: UUID) -> Response:
        """Decide; with `version`, only if nobody else has in the meantime."""
        fields = Fields(self.read_json())
        act = _read_act(fields)
        version = fields.version("version")
        fields.finish()
        choice = Choice(comment_id, version)
        decision = decide(choice, site_id=self.caller.site.id, actor=self.caller.actor, **act)
        return Response(show_decision(decision), status=201)


class DecideManyView(ApiView):
    """Decisions on several comments alike."""

    @allow(DECIDE)
    @operations.decide_many
    def post(self, request: HttpRequest) -> Response:
        """Decide each by itself: what cannot be done is told, the rest goes through."""
        fields = Fields(self.read_json())
        choices = _read_choices(fields)
        act = _read_act(fields)
        fields.finish()
        batch_id = uuid7()
        decided = decide_many(
            choices, site_id=self.caller.site.id, actor=self.caller.actor, batch_id=batch_id, **act
        )
        return Response({"batch": batch_id, "results": [_show_result(one) for one in decided]})


class UndoView(ApiView):
    """A decision taken back."""

    @allow(DECIDE)
    @operations.undo
    def post(self, request: HttpRequest, decision_id: UUID) -> Response:
        """Put the comment back where it stood before its latest decision."""
        fields = Fields(self.read_json() if request.body else {})
        version = fields.version("version")
        fields.finish()
        decision = undo(
            decision_id, site_id=self.caller.site.id, actor=self.caller.actor, seen_version=version
        )
        return Response(show_decision(decision), status=201)


class ReasonsView(ApiView):
    """The catalogue of reasons."""

    @allow(READ_ALL)
    @operations.list_reasons
    def get(self, request: HttpRequest) -> Response:
        """What may be given as a reason, in the order in which it is offered."""
        shown = [
            {"code": reason.code, "label": reason.label, "to_author": reason.to_author or None}
            for reason in OFFERED_REASONS
        ]
        return Response({"reasons": shown})


def _read_act(fields: Fields) -> dict[str, Any]:
    action = fields.choice("action", _ACTIONS)
    reason = fields.choice("reason", _REASONS)
    note = fields.text("note", most=MOST_NOTE)
    return {"action": Action(action) if action else Action.HOLD, "reason": reason, "note": note}


def _read_choices(fields: Fields) -> list[Choice]:
    listed = fields.value("comments")
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_AT_ONCE:
        fields.note("comments", "invalid_list", f"Send a list of 1 to {MOST_AT_ONCE} comments.")
        return []
    choices = []
    for number, item in enumerate(listed):
        if not isinstance(item, dict):
            fields.note(f"comments[{number}]", "not_an_object", "Send a JSON object here.")
            continue
        one = Fields(item, prefix=f"comments[{number}].")
        comment_id, version = one.uuid("id", required=True), one.version("version")
        one.refuse_others()
        fields.errors += one.errors
        if comment_id is not None:
            choices.append(Choice(comment_id, version))
    if len({choice.comment_id for choice in choices}) != len(choices):
        fields.note("comments", "repeated", "Name each comment once.")
    return choices


def _show_result(decided: Decided) -> dict[str, Any]:
    return {
        "comment": decided.comment_id,
        "decision": show_decision(decided.decision) if decided.decision else None,
        "problem": describe_refusal(decided.refusal) if decided.refusal else None,
    }
