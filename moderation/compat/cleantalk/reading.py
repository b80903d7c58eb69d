"""Read the body of a CleanTalk request. Pure: no Django, no database."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import Any

from moderation.compat.markup import plain_text

# Comments that readers of the page are meant to see. Everything else may be private (a message by a contact
# form), and is judged but never stored.
PUBLIC_TYPES = frozenset({"", "comment", "reply", "review", "post", "topic", "forum"})
MOST_FEEDBACK = 100
LONGEST_SHORT_TEXT = 1000
_LARGEST = 10**15
_HALF_CHARACTERS = re.compile("[\ud800-\udfff]")
_FEEDBACK = re.compile(r"\s*([0-9a-fA-F-]{1,64})\s*:\s*([01])\s*")


class Method(StrEnum):
    """What a client may ask."""

    CHECK_MESSAGE = "check_message"
    CHECK_NEWUSER = "check_newuser"
    SEND_FEEDBACK = "send_feedback"


class CleanTalkRefused(Exception):
    """A request that is answered with an error. `errno` is ours: CleanTalk publishes no list of its own."""

    def __init__(self, errno: int, message: str) -> None:
        self.errno = errno
        self.message = message
        super().__init__(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """A message or a registration as a client describes it. `submit_time_s` is how long the form was open."""

    message: str
    nickname: str
    email: str
    ip: str
    submit_time_s: float | None
    has_script: bool
    page_urls: tuple[str, ...]
    comment_type: str

    @property
    def is_public(self) -> bool:
        """Whether it is a comment that others are to read."""
        return self.comment_type in PUBLIC_TYPES and bool(self.message)


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a moderator made of an earlier request."""

    request_id: str
    is_spam: bool


def read_fields(body: bytes) -> Mapping[str, Any]:
    """The JSON object in `body`. Raises `CleanTalkRefused`."""
    try:
        fields = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise CleanTalkRefused(1, "The body is not valid JSON in UTF-8.") from None
    if not isinstance(fields, dict):
        raise CleanTalkRefused(1, "The body is not a JSON object.")
    return fields


def read_method(fields: Mapping[str, Any]) -> Method:
    """The method that is called. Raises `CleanTalkRefused`."""
    try:
        return Method(read_text(fields, "method_name"))
    except ValueError:
        raise CleanTalkRefused(3, f"The field method_name must be one of {', '.join(Method)}.") from None


def read_check(fields: Mapping[str, Any]) -> CheckRequest:
    """The message or registration; nothing in it is refused: what makes no sense counts as not sent."""
    post, sender = _inner(fields, "post_info"), _inner(fields, "sender_info")
    urls = (read_text(post, "post_url"), read_text(sender, "page_url"), read_text(sender, "REFFERRER"))
    return CheckRequest(
        message=plain_text(read_text(fields, "message", most=None)),
        nickname=read_text(fields, "sender_nickname"),
        email=read_text(fields, "sender_email"),
        ip=_address(read_text(fields, "sender_ip")),
        submit_time_s=_seconds(fields.get("submit_time")),
        has_script=read_text(fields, "js_on") != "0",
        page_urls=tuple(url for url in urls if url),
        comment_type=read_text(post, "comment_type").lower(),
    )


def read_feedback(fields: Mapping[str, Any]) -> list[Feedback]:
    """The decisions in `feedback`, as `id:0;id:1`: 0 is spam, 1 is not. Raises `CleanTalkRefused`."""
    text = read_text(fields, "feedback", most=None)
    pieces = [piece for piece in text.split(";") if piece.strip()]
    if not pieces or len(pieces) > MOST_FEEDBACK:
        raise CleanTalkRefused(4, f"Send 1 to {MOST_FEEDBACK} decisions as id:0;id:1 in the field feedback.")
    found = [_FEEDBACK.fullmatch(piece) for piece in pieces]
    return [Feedback(match[1], match[2] == "0") for match in found if match]


def read_text(fields: Mapping[str, Any], name: str, *, most: int | None = LONGEST_SHORT_TEXT) -> str:
    """A field as text; "" for one that is missing, too long or neither text nor a whole number."""
    value = fields.get(name)
    if isinstance(value, bool | int) and -_LARGEST <= value <= _LARGEST:
        return str(int(value))
    if not isinstance(value, str) or (most is not None and len(value) > most):
        return ""
    return _HALF_CHARACTERS.sub("\ufffd", value).strip()


def _inner(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object that clients send as JSON within the JSON, or as it is."""
    value = fields.get(name)
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def _seconds(value: object) -> float | None:
    try:
        seconds = float(value) if isinstance(value, str | int | float) else math.nan
    except (ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _address(text: str) -> str:
    """An IP address in its usual spelling; "" for anything else."""
    try:
        return str(ip_address(text.partition("%")[0]))
    except ValueError:
        return ""
