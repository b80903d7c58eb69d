"""From Coral's request to a text, and from a verdict to Coral's answer. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moderation.compat.analysis import Analysis, ToAnalyse
from moderation.compat.markup import plain_text
from moderation.compat.verdicts import is_abuse, judge_stranger
from moderation.domain.status import Outcome
from moderation.engine.verdict.policy import Policy
from moderation.language.fold.normalise import MAX_INPUT

# Coral trusts these; so do we.
STAFF = ("STAFF", "MODERATOR", "ADMIN")
TOXIC, SPAM = "COMMENT_DETECTED_TOXIC", "COMMENT_DETECTED_SPAM"
_ACTIONS = ("NEW", "EDIT")
_HALF_CHARACTERS = re.compile("[\ud800-\udfff]")


class CoralRefused(Exception):
    """The body is not a request of Coral's; the message says why."""


@dataclass(frozen=True, slots=True)
class PhaseRequest:
    """A comment that Coral is about to store, new or changed."""

    text: ToAnalyse
    is_staff: bool
    is_whole: bool  # whether the engine looks at all of it


def read_request(body: bytes) -> PhaseRequest:
    """The request in a signed body. Raises `CoralRefused`, and nothing else."""
    fields = _parse(body)
    comment, author = _part(fields, "comment"), _part(fields, "author")
    text = comment.get("body")
    if fields.get("action") not in _ACTIONS:
        raise CoralRefused("“action” must be NEW or EDIT.")
    if not isinstance(text, str):
        raise CoralRefused("“comment.body” must be a string.")
    # A phase set to HTML sends the editor's markup.
    plain = plain_text(_HALF_CHARACTERS.sub("\ufffd", text))
    to_analyse = ToAnalyse(
        text=plain,
        is_reply=isinstance(comment.get("parentID"), str),
        thread_url=_url(_part(fields, "story")),
    )
    return PhaseRequest(to_analyse, author.get("role") in STAFF, is_whole=len(plain) <= MAX_INPUT)


def _parse(body: bytes) -> Mapping[str, Any]:
    try:
        fields = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise CoralRefused("The body is not valid JSON in UTF-8.") from None
    if not isinstance(fields, dict):
        raise CoralRefused("The body must be a JSON object.")
    return fields


def _part(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = fields.get(name)
    if not isinstance(part, dict):
        raise CoralRefused(f"“{name}” must be an object.")
    return part


def _url(story: Mapping[str, Any]) -> str:
    url = story.get("url")
    return _HALF_CHARACTERS.sub("\ufffd", url) if isinstance(url, str) else ""


def build_answer(request: PhaseRequest, analysis: Analysis, policy: Policy) -> dict[str, Any] | None:
    """Coral's answer: the status that the comment gets, and flags. None: no opinion, so Coral goes on.

    It is never APPROVED: that would skip whatever else Coral would do with a comment.
    """
    verdict = judge_stranger(analysis, policy)
    has_abuse = is_abuse(verdict, analysis.run.signals, policy)
    flags = [TOXIC] if has_abuse else []
    if verdict.outcome == Outcome.SPAM:
        flags.append(SPAM)
    status = _status(verdict.outcome, withheld=bool(flags), is_whole=request.is_whole)
    if status is None:
        return None
    return {"status": status, "actions": [{"actionType": "FLAG", "reason": flag} for flag in flags]}


def _status(outcome: Outcome, *, withheld: bool, is_whole: bool) -> str | None:
    if outcome == Outcome.REJECT:
        return "REJECTED"
    if withheld:
        return "SYSTEM_WITHHELD"
    return None if outcome == Outcome.PUBLISH and is_whole else "PREMOD"
