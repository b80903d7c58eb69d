"""The shapes of the API as JSON Schema: what OpenAPI documents, and what tests hold every answer against."""

from typing import Any

from moderation.domain.fields import MAX_BODY, MAX_EMAIL, MAX_NAME, MAX_WEBSITE
from moderation.domain.reasons import MACHINE_REASONS, REASONS
from moderation.domain.signals import Axis, Field
from moderation.domain.status import Action, ActorKind, Outcome, ReaderStatus, Status
from moderation.flow.comments.decide import PERSONS_ACTIONS

Schema = dict[str, Any]


def ref(name: str) -> Schema:
    """A reference to one of `SCHEMAS`."""
    return {"$ref": f"#/components/schemas/{name}"}


def closed_object(properties: Schema, *, required: tuple[str, ...] | None = None, **more: Any) -> Schema:
    """An object with these fields and no others; all of them required unless `required` says less."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties if required is None else required),
        "properties": properties,
        **more,
    }


def _text(description: str = "", **more: Any) -> Schema:
    return {"type": "string"} | ({"description": description} if description else {}) | more


def _optional(schema: Schema) -> Schema:
    """The same or null."""
    if "$ref" in schema:
        return {"oneOf": [schema, {"type": "null"}]}
    return {**schema, "type": [schema["type"], "null"]}


def _list_of(item: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": item, **more}


def _enum(values: Any, description: str = "") -> Schema:
    return _text(description, enum=[str(value) for value in values])


ID = _text(format="uuid")
MOMENT = _text(format="date-time")
COUNT: Schema = {"type": "integer", "minimum": 0}
VERSION: Schema = {"type": "integer", "minimum": 1, "maximum": 2147483647}
NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}

# Undoing has an act of its own.
OFFERED_REASONS = tuple(r for r in REASONS if r.code not in MACHINE_REASONS and r.code != "undo")

_thread_ref = {
    "id": ID,
    "key": _text("The site's own key, or the page's address in one spelling."),
    "url": _optional(_text()),
    "title": _optional(_text()),
}
_act = {
    "action": _enum(PERSONS_ACTIONS),
    "reason": _enum([reason.code for reason in OFFERED_REASONS], "A code of `GET /api/v1/reasons`."),
    "note": _optional(_text("For the record; readers never see it.", maxLength=1000)),
}
_finding = {
    "code": _text("Stable, like `links.first_link`."),
    "sentence": _text("The same in English."),
    "axis": _enum(Axis),
    "points": NUMBER,
    "spans": _list_of(
        closed_object({"start": COUNT, "end": COUNT, "field": _enum(Field)}),
        description="Where in the original text, in code points, half open.",
    ),
}
_comment = {
    "id": ID,
    "status": _enum(Status, "Where the comment stands."),
    "reader_status": ref("ReaderStatus"),
    "version": VERSION,
    "thread": closed_object(_thread_ref),
    "parent": _optional(ID),
    "author": closed_object(
        {
            "name": _text(),
            "ref": _text("The same for all comments of one address on this site; tells nothing else."),
            "website": _optional(_text()),
            "email_mask": _optional(_text("Like `a…@example.org`; the address itself is never shown.")),
            "is_verified": FLAG,
        }
    ),
    "body": _text("The text as it was written."),
    "submitted_at": MOMENT,
    "created_at": MOMENT,
    "published_at": _optional(MOMENT),
    "screening": _optional(ref("Screening")),
}

SCHEMAS: dict[str, Schema] = {
    "Problem": {
        "type": "object",
        "description": "RFC 9457. `code` is stable and meant for programs, `detail` for people.",
        "required": ["type", "title", "status", "code", "detail"],
        "additionalProperties": False,
        "properties": {
            "type": _text(const="about:blank"),
            "title": _text(),
            "status": {"type": "integer"},
            "code": _text(),
            "detail": _text(),
            "errors": _list_of(
                closed_object({"field": _text(), "code": _text(), "message": _text()}),
                description="With `invalid_fields`: every field that needs mending.",
            ),
            "current": closed_object(
                {"status": _enum(Status), "version": VERSION},
                description="With `stale_version`: how the comment stands now.",
            ),
        },
    },
    "ReaderStatus": _enum(ReaderStatus, "All that readers are told."),
    "Submission": closed_object(
        {
            "thread": closed_object(
                {
                    "key": _optional(_text("A key of your own for the page.", maxLength=500)),
                    "url": _optional(_text("The page's address; needed with a public key.", maxLength=2000)),
                    "title": _optional(_text(maxLength=300)),
                },
                required=(),
                description="The page, by `key` or `url`. Opened with its first comment.",
            ),
            "parent": _optional(_text("The published comment that is replied to.", format="uuid")),
            "name": _optional(_text(maxLength=MAX_NAME)),
            "email": _optional(_text("Sealed at once; no answer ever has it.", maxLength=MAX_EMAIL)),
            "website": _optional(_text(maxLength=MAX_WEBSITE)),
            "body": _text("Plain text or simple Markdown.", minLength=1, maxLength=MAX_BODY),
            "author_ip": _optional(_text("Secret key only: the reader's address.")),
            "submitted_at": _optional(
                _text("Secret key only: when the reader wrote it.", format="date-time")
            ),
            "author_verified": _optional(
                {"type": "boolean", "description": "Secret key only: the address was proven to you."}
            ),
            "form_token": _optional(_text("Public key only: from the form-token address.", maxLength=600)),
            "honeypot": _optional(_text("Public key only: a field that people do not see.", maxLength=2000)),
        },
        required=("thread", "body"),
    ),
    "Accepted": closed_object(
        {
            "id": ID,
            "status": ref("ReaderStatus"),
            "status_url": _text("Signed, good for 30 days; also in the `Location` header.", format="uri"),
            "moderation_status": _enum(Status, "Secret key only."),
        },
        required=("id", "status", "status_url"),
    ),
    "CommentStatus": closed_object({"id": ID, "status": ref("ReaderStatus")}),
    "Comment": closed_object(_comment),
    "CommentWithDecisions": closed_object({**_comment, "decisions": _list_of(ref("Decision"))}),
    "CommentPage": closed_object({"comments": _list_of(ref("Comment")), "next_after": _optional(ID)}),
    "Screening": closed_object(
        {
            "outcome": _enum(Outcome),
            "explanation": _text("What would have to change for another verdict."),
            "reasons": _list_of(closed_object(_finding), description="What carried the verdict."),
            "signals": _list_of(
                closed_object({**_finding, "confidence": NUMBER, "check": _text()}),
                description="Everything that any check saw.",
            ),
            "scores": {"type": "object", "additionalProperties": NUMBER},
            "engine_version": _text(),
            "policy_version": COUNT,
            "runner": _text("Who ran the checks."),
            "duration_ms": NUMBER,
            "created_at": MOMENT,
        }
    ),
    "Thread": closed_object(
        {
            **_thread_ref,
            "id": _optional(ID),
            "key": _optional(_text()),
            "is_open": FLAG,
            "published_count": COUNT,
            "comments": _list_of(
                ref("PublishedComment"), description="Top comments by age, each followed by its replies."
            ),
            "next_after": _optional({**ID, "description": "Send it as `after` for the next page."}),
            "more_replies": _list_of(
                closed_object({"root": ID, "after": ID}),
                description="Top comments that have more replies: send `root` and `after` for those.",
            ),
        }
    ),
    "PublishedComment": closed_object(
        {
            "id": ID,
            "parent": _optional(ID),
            "root": _optional(ID),
            "depth": COUNT,
            "is_removed": {
                "type": "boolean",
                "description": "Kept without text because there are replies to it.",
            },
            "author": _optional(
                closed_object({"name": _text(), "ref": _text(), "website": _optional(_text())})
            ),
            "body_html": _text("Sanitised HTML."),
            "submitted_at": MOMENT,
        }
    ),
    "FormToken": closed_object({"form_token": _text(), "expires_in_s": COUNT}),
    "DecisionInput": closed_object({**_act, "version": _optional(VERSION)}, required=("action", "reason")),
    "DecisionsInput": closed_object(
        {
            "comments": _list_of(
                closed_object({"id": ID, "version": _optional(VERSION)}, required=("id",)),
                minItems=1,
                maxItems=100,
            ),
            **_act,
        },
        required=("comments", "action", "reason"),
    ),
    "UndoInput": closed_object({"version": _optional(VERSION)}, required=()),
    "Decision": closed_object(
        {
            "id": ID,
            "comment": ID,
            "action": _enum(Action),
            "reason": _text(),
            "note": _optional(_text()),
            "from_status": _enum(Status),
            "to_status": _enum(Status),
            "version": VERSION,
            "by": _enum(ActorKind),
            "reverses": _optional(ID),
            "created_at": MOMENT,
        }
    ),
    "DecisionResults": closed_object(
        {
            "batch": ID,
            "results": _list_of(
                closed_object(
                    {
                        "comment": ID,
                        "decision": _optional(ref("Decision")),
                        "problem": _optional(ref("Problem")),
                    }
                )
            ),
        }
    ),
    "Reasons": closed_object(
        {
            "reasons": _list_of(
                closed_object({"code": _text(), "label": _text(), "to_author": _optional(_text())})
            )
        }
    ),
}
