"""Answers in the words of Akismet: plain text without a newline, headers that its clients know."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from moderation.compat.refusing import ShapedRefusal
from moderation.engine.verdict.judging import Verdict

PLAIN = "text/plain; charset=utf-8"
JSON = "application/json"
CSV = "text/csv; charset=utf-8"
THANKS = "Thanks for making the web a better place."
RECHECK_AFTER_S = 120
_MOST_REASONS = 5
_NO_CODE = re.compile(r"[^A-Za-z0-9_.:-]")


@dataclass(frozen=True, slots=True)
class AkismetAnswer:
    """A body and the headers of ours."""

    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = PLAIN
    status: int = 200


def refuse(help_text: str, *, error: str = "", status: int = 200) -> AkismetAnswer:
    """`invalid`, always with the reason. Clients take this header for an error on any answer."""
    headers = {"X-akismet-debug-help": help_text}
    return AkismetAnswer("invalid", headers | ({"X-akismet-error": error} if error else {}), status=status)


def refuse_for_now(error: str, *, status: int, retry_after_s: int) -> AkismetAnswer:
    """Neither `true` nor `false`: WordPress keeps the comment pending and asks again later."""
    headers = {"X-akismet-debug-help": "Try again later.", "X-akismet-error": error}
    return AkismetAnswer("invalid", headers | {"Retry-After": str(retry_after_s)}, status=status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The answer to one check. `is_pending`: a late verdict will come. `label` was asked for, or is empty."""

    guid: UUID
    is_spam: bool
    is_blatant: bool = False
    is_pending: bool = False
    label: str = ""
    verdict: Verdict | None = None


def answer_check(checked: Checked) -> AkismetAnswer:
    """`true` for spam, `false` for ham, with the id of the comment."""
    headers = {"X-akismet-guid": str(checked.guid)}
    if checked.is_spam and checked.is_blatant:
        headers["X-akismet-pro-tip"] = "discard"
    if checked.is_pending and not checked.is_spam:
        headers["X-akismet-recheck-after"] = str(RECHECK_AFTER_S)
    if checked.label:
        headers["X-akismet-classification"] = checked.label
    if reasons := _reasons(checked.verdict):
        headers["X-Moderation-Reasons"] = reasons
    return AkismetAnswer("true" if checked.is_spam else "false", headers)


def shape_refusal_as_akismet(status: int, code: str, detail: str) -> ShapedRefusal:
    """What the server refuses before any view runs. Without the header some clients take any body but `false`
    for spam.
    """
    headers = (("x-akismet-debug-help", detail), ("x-akismet-error", code))
    return ShapedRefusal(PLAIN, "invalid", headers)


def _reasons(verdict: Verdict | None) -> str:
    """What carried the verdict: `links.many=2.5,list.spam=4`, at most five; never a word of it."""
    if verdict is None:
        return ""
    shown = verdict.reasons[:_MOST_REASONS]
    return ",".join(f"{_NO_CODE.sub('', reason.code)}={reason.points:g}" for reason in shown)
