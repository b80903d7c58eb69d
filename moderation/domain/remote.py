"""Remote checks: the words for outside services, what they are sent, and what they may answer."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

LONGEST_POLICY = 8_000  # characters: some pages of rules, and a fraction of what models read
LONGEST_MODEL = 100
LONGEST_URL = 300
LONGEST_KEY = 300
LONGEST_REASON = 200
MOST_BUDGET = 1_000_000
LEAST_TIME_LIMIT_S, MOST_TIME_LIMIT_S = 1, 15


class RemoteKind(StrEnum):
    """Which protocol a service uses. A site has at most one of each."""

    AKISMET = "akismet"
    POLICY_MODEL = "policy_model"


class AnswerState(StrEnum):
    """The state of one question. `skipped`: the service was switched off before it was asked."""

    WAITING = "waiting"
    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


class Failure(StrEnum):
    """Why there is no answer. Only the kind is stored: no message, no address, no key."""

    TIMEOUT = "timeout"
    REFUSED = "refused"  # the service was unreachable, or the connection broke
    BUSY = "busy"  # 429 or 5xx
    UNAUTHORISED = "unauthorised"
    BAD_ANSWER = "bad_answer"  # not what this protocol specifies
    OFF_SCHEMA = "off_schema"  # the model did not keep to the schema that it was given
    INCOMPLETE = "incomplete"  # the comment lacks what the service requires
    BREAKER_OPEN = "breaker_open"
    OVER_BUDGET = "over_budget"
    NOT_ALLOWED = "not_allowed"  # the operator no longer allows this host
    GAVE_UP = "gave_up"  # every run that asked crashed or was killed


# These are transient: the question is asked again before a person has to review the comment.
PASSING = frozenset({Failure.TIMEOUT, Failure.REFUSED, Failure.BUSY})
# These mean that the service is failing. Failures that a single comment's text can cause are not among them,
# or readers could switch the check off.
UNWELL = PASSING | {Failure.UNAUTHORISED, Failure.BAD_ANSWER}


class AsksAbout(StrEnum):
    """Which comments are sent. Comments that the local checks mark as spam never are."""

    ALL = "all"
    DOUBT = "doubt"


class OnFailure(StrEnum):
    """What a missing answer does to the comment."""

    HOLD = "hold"
    IGNORE = "ignore"


class CallFailed(Exception):
    """No usable answer came."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """A site's settings of one service. Its key is stored elsewhere, encrypted."""

    base_url: str
    is_on: bool = False
    daily_budget: int = 1_000
    time_limit_s: int = 5
    asks_about: AsksAbout = AsksAbout.ALL
    on_failure: OnFailure = OnFailure.HOLD
    sends_email: bool = False
    is_test: bool = False
    model: str = ""
    policy_text: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain values from which `settings_from_json` makes the same again."""
        return {name: str(v) if isinstance(v, StrEnum) else v for name, v in asdict(self).items()}


def settings_from_json(stored: Mapping[str, Any]) -> ServiceSettings:
    """Stored settings. A field that did not exist when they were stored has its default."""
    known = {each.name for each in fields(ServiceSettings)}
    values = {name: value for name, value in stored.items() if name in known}
    values["asks_about"] = AsksAbout(values.get("asks_about", AsksAbout.ALL))
    values["on_failure"] = OnFailure(values.get("on_failure", OnFailure.HOLD))
    return ServiceSettings(**values)


DEFAULT_SETTINGS: Mapping[RemoteKind, ServiceSettings] = {
    RemoteKind.AKISMET: ServiceSettings(base_url="https://rest.akismet.com"),
    RemoteKind.POLICY_MODEL: ServiceSettings(base_url="https://api.openai.com", time_limit_s=10),
}


@dataclass(frozen=True, slots=True)
class SentField:
    """A field that leaves the server, by the name that it has there."""

    name: str
    holds: str


FIELDS: Mapping[RemoteKind, tuple[SentField, ...]] = {
    RemoteKind.AKISMET: (
        SentField("comment_content", "the text"),
        SentField("comment_author", "the name, as typed"),
        SentField("comment_author_url", "the website, if one was given"),
        SentField("comment_author_email", "the email address, only if that is switched on below"),
        SentField("user_ip", "the reader's network: the address with its last part set to zero"),
        SentField("permalink", "the address of the page"),
        SentField("comment_type", "“comment” or “reply”"),
        SentField("comment_date_gmt", "when it was written"),
        SentField("blog", "the address of this site"),
        SentField("blog_lang", "the languages of this site"),
        SentField("blog_charset", "always “UTF-8”"),
        SentField("is_test", "that nothing is to be learnt from it, only if that is switched on below"),
    ),
    RemoteKind.POLICY_MODEL: (
        SentField("text", "the text"),
        SentField("author_name", "the name, as typed"),
        SentField("author_website", "the website, if one was given"),
        SentField("page_title", "the title of the page"),
        SentField("page_url", "the address of the page"),
        SentField("is_reply", "whether it answers another comment"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedComment:
    """Everything about a comment that a service may be sent. `network` is a truncated IP address or empty."""

    text: str
    name: str
    website: str
    network: str
    is_reply: bool
    page_url: str
    page_title: str
    submitted_at: datetime
    site_url: str
    languages: tuple[str, ...]
    email: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Question:
    """One comment for one service. Its representation never contains the key."""

    settings: ServiceSettings
    comment: AskedComment
    key: str = field(repr=False)


# What a policy model may answer, and which of that is abuse; the rest is about whether a comment fits here.
NO_CATEGORY = "none"
ABUSE_CATEGORIES = frozenset({"harassment", "hate", "threat", "sexual", "self_harm", "illegal"})
QUALITY_CATEGORIES = frozenset({"advertising", "off_topic", "private_data", "other"})
CATEGORIES = (NO_CATEGORY, *sorted(ABUSE_CATEGORIES), *sorted(QUALITY_CATEGORIES))
