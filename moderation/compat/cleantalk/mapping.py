"""From CleanTalk's words to the engine's, and from a verdict to CleanTalk's answer. Pure."""

from collections.abc import Callable
from typing import Any

from moderation.compat.analysis import Analysis, ToAnalyse
from moderation.compat.cleantalk.answers import VERSION
from moderation.compat.cleantalk.reading import CheckRequest, Method
from moderation.compat.verdicts import is_abuse, judge_stranger
from moderation.domain.fields import (
    MAX_BODY,
    CleanFields,
    FieldRefused,
    clean_body,
    clean_email,
    clean_name,
)
from moderation.domain.signals import Axis
from moderation.domain.status import Outcome
from moderation.engine.facts import FormFacts
from moderation.engine.sentences import say
from moderation.engine.verdict.judging import Verdict
from moderation.engine.verdict.policy import Policy

_TOO_FAST = "form.too_fast"
_WORDS = {
    Outcome.PUBLISH: "Allowed.",
    Outcome.HOLD: "A moderator should look at this.",
    Outcome.SPAM: "Forbidden: this is spam.",
    Outcome.REJECT: "Forbidden: a rule of the site rejects this.",
}


def clean_fields(asked: CheckRequest) -> CleanFields:
    """The fields as the site's own comments have them; what cannot be taken is empty."""
    return CleanFields(
        body=_or_empty(clean_body, asked.message),
        name=_or_empty(clean_name, asked.nickname),
        email=_or_empty(clean_email, asked.email),
        website="",
    )


def _or_empty(clean: Callable[[str], str], text: str) -> str:
    try:
        return clean(text) if text else ""
    except FieldRefused:
        return ""


def to_analyse(asked: CheckRequest, method: Method) -> ToAnalyse:
    """What the engine looks at. A registration has no text."""
    fields = clean_fields(asked)
    return ToAnalyse(
        text=asked.message if method == Method.CHECK_MESSAGE else "",
        author_name=fields.name,
        email_domain=fields.email.rpartition("@")[2],
        thread_url=asked.page_urls[0] if asked.page_urls else "",
        form=_form(asked),
    )


def _form(asked: CheckRequest) -> FormFacts:
    if asked.submit_time_s is None:
        return FormFacts()
    return FormFacts(
        source="script", token_age_s=asked.submit_time_s, token_by_script=True, token_confirmed=True
    )


def build_answer(
    request_id: str, analysis: Analysis, asked: CheckRequest, policy: Policy, method: Method
) -> dict[str, Any]:
    """The answer to a check. What is held is not allowed; `stop_queue` 0 then means that it belongs into the
    client's own moderation queue, and for a registration `inactive` is 1.
    """
    verdict = judge_stranger(analysis, policy)
    outcome = verdict.outcome
    if outcome == Outcome.PUBLISH and len(asked.message) > MAX_BODY:
        outcome = Outcome.HOLD  # the engine has not looked at all of it
    is_spam = outcome in (Outcome.SPAM, Outcome.REJECT)
    return {
        "version": VERSION,
        "allow": int(outcome == Outcome.PUBLISH),
        "id": request_id,
        "comment": _comment(verdict, outcome),
        "codes": " ".join(_codes(verdict, outcome, analysis, policy)),
        "stop_queue": int(_is_blatant(verdict, policy)),
        "inactive": int(outcome == Outcome.HOLD and method == Method.CHECK_NEWUSER),
        "spam": int(is_spam),
        "js_disabled": int(not asked.has_script),
        "fast_submit": int(any(signal.code == _TOO_FAST for signal in analysis.run.signals)),
        "blacklisted": 0,
        "account_status": 1,
    }


def _comment(verdict: Verdict, outcome: Outcome) -> str:
    """A sentence for the person who wrote it or runs the site, in CleanTalk's stars."""
    said = _WORDS[outcome]
    if verdict.outcome == outcome and verdict.reasons:
        said = f"{said} {say(verdict.reasons[0].code, verdict.reasons[0].params)}."
    return f"*** {said} ***"


def _codes(verdict: Verdict, outcome: Outcome, analysis: Analysis, policy: Policy) -> list[str]:
    if outcome == Outcome.PUBLISH:
        return ["ALLOWED"]
    kinds = {Outcome.HOLD: "HELD", Outcome.SPAM: "SPAM", Outcome.REJECT: "RULE"}
    abuse = ["ABUSE"] if is_abuse(verdict, analysis.run.signals, policy) else []
    return ["FORBIDDEN", kinds[outcome], *abuse]


def _is_blatant(verdict: Verdict, policy: Policy) -> bool:
    """Whether a client may drop it unseen: rejected by a rule, or spam by twice the points that suffice."""
    is_sure = verdict.scores[Axis.SPAM] >= 2 * policy.spam_at
    return verdict.outcome == Outcome.REJECT or (verdict.outcome == Outcome.SPAM and is_sure)


def build_feedback_answer(received: int) -> dict[str, Any]:
    """The answer to decisions."""
    return {"version": VERSION, "received": received, "comment": "OK", "account_status": 1}
