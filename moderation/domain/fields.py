"""The fields of the readers' form: cleaned, or refused with all errors at once."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from moderation.domain.errors import FieldError, InvalidFields
from moderation.lib import unicode_rules
from moderation.lib.urls import canonical_url, clean_url, complete_url, host_of
from moderation.lib.wording import Wording, mark

__all__ = [
    "CleanFields",
    "FieldRefused",
    "canonical_url",
    "clean_body",
    "clean_email",
    "clean_name",
    "clean_submission_fields",
    "clean_website",
    "host_of",
]

MAX_BODY = 10_000  # characters
MAX_NAME = 100
MAX_EMAIL = 254  # RFC 5321, section 4.5.3.1.3, without the angle brackets
MAX_WEBSITE = 200  # as in the classic form
MAX_WEBSITE_STORED = 400  # after percent-encoding

ADDRESS_LIKE = mark("Enter an address like name@example.org.")
WEBSITE_LIKE = mark("Enter an address like https://example.org, or leave this empty.")


@dataclass(frozen=True, slots=True)
class CleanFields:
    """A submission's fields after cleaning: NFC, trimmed, safe to store. `website` may be empty."""

    body: str
    name: str
    email: str
    website: str


# RFC 5321, section 4.5.3.1.1, and the dot-atom of RFC 5322 as nearly everybody has it.
MAX_LOCAL = 64
_PLAIN_LOCAL = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*")


class FieldRefused(ValueError):
    """One field cannot be taken. `code` is stable; the text says what to do and repeats nothing typed."""

    def __init__(self, code: str, message: str, wording: Wording | None = None) -> None:
        self.code = code
        self.wording = wording
        super().__init__(message)


def clean_submission_fields(raw: Mapping[str, object], *, requires_email: bool = True) -> CleanFields:
    """Clean `body`, `name`, `email` and `website`; other keys are not looked at.

    Without `requires_email` name and email may be empty. Raises InvalidFields with all errors.
    """
    errors: list[FieldError] = []

    def take(field: str, clean: Callable[[str], str], *, is_required: bool) -> str:
        try:
            return _clean_one(raw.get(field), clean, missing=_MISSING[field] if is_required else None)
        except FieldRefused as problem:
            errors.append(FieldError(field, problem.code, str(problem), problem.wording))
            return ""

    fields = CleanFields(
        body=take("body", clean_body, is_required=True),
        name=take("name", clean_name, is_required=requires_email),
        email=take("email", clean_email, is_required=requires_email),
        website=take("website", clean_website, is_required=False),
    )
    if errors:
        raise InvalidFields(errors)
    return fields


def clean_body(text: str) -> str:
    """A comment's text: 1 to 10,000 characters, at least one of them visible. Raises FieldRefused."""
    text = unicode_rules.unify_newlines(text)
    _check_text(text, limit=MAX_BODY)
    return _check_visible(unicodedata.normalize("NFC", text).strip(), _MISSING["body"])


def clean_name(text: str) -> str:
    """A name on one line, 1 to 100 characters. Raises FieldRefused."""
    if unicode_rules.has_line_breaks(text):
        raise FieldRefused("line_break", mark("Write the name on one line."))
    if unicode_rules.has_bidi_controls(text):
        raise FieldRefused(
            "direction_control", mark("Remove the invisible characters that change the direction of text.")
        )
    text = " ".join(text.split())
    _check_text(text, limit=MAX_NAME)
    return _check_visible(unicodedata.normalize("NFC", text), _MISSING["name"])


def clean_email(text: str) -> str:
    """A plain address, `local@domain`; not looked up, so example.org is accepted. Raises FieldRefused."""
    text = text.strip()
    if len(text) > MAX_EMAIL:  # first, because it bounds the cost of the rest
        raise FieldRefused("too_long", ADDRESS_LIKE)
    local, _, domain = text.rpartition("@")
    try:
        if len(local) <= MAX_LOCAL and _PLAIN_LOCAL.fullmatch(local):
            return f"{local}@{_clean_domain(domain)}"
        return _validate(text).normalized
    except EmailNotValidError:
        raise FieldRefused("invalid", ADDRESS_LIKE) from None


def _validate(address: str) -> ValidatedEmail:
    return validate_email(address, check_deliverability=False, test_environment=True, strict=True)


@lru_cache(maxsize=1024)
def _clean_domain(domain: str) -> str:
    """The part that is expensive to validate and shared by many readers."""
    return _validate(f"a@{domain}").domain


def clean_website(text: str) -> str:
    """A web address, https unless it says http; `example.org` alone is accepted. Raises FieldRefused."""
    text = text.strip()
    if len(text) > MAX_WEBSITE:
        raise _too_long(text, MAX_WEBSITE)
    try:
        url = clean_url(complete_url(text))
    except ValueError:
        raise FieldRefused("invalid", WEBSITE_LIKE) from None
    if len(url) > MAX_WEBSITE_STORED:
        raise FieldRefused("too_long", mark("Enter a shorter address."))
    return url


_MISSING = {
    "body": FieldRefused("required", mark("Write your comment.")),
    "name": FieldRefused("required", mark("Enter your name.")),
    "email": FieldRefused("required", ADDRESS_LIKE),
}


def _clean_one(value: object, clean: Callable[[str], str], *, missing: FieldRefused | None) -> str:
    if value is None or value == "" or (isinstance(value, str) and value.isspace()):
        if missing is not None:
            raise FieldRefused(missing.code, str(missing))
        return ""
    if not isinstance(value, str):
        raise FieldRefused("not_text", mark("Send this as text."))
    return clean(value)


def _check_text(text: str, *, limit: int) -> None:
    if len(text) > limit:
        raise _too_long(text, limit)
    if unicode_rules.has_forbidden_controls(text):
        raise FieldRefused("control_character", mark("Remove the control characters."))
    if unicode_rules.has_too_many_marks(text):
        raise FieldRefused("too_many_marks", mark("Remove the marks that are stacked on one letter."))


def _check_visible(text: str, missing: FieldRefused) -> str:
    if not unicode_rules.has_visible_character(text):
        raise FieldRefused(missing.code, str(missing))
    return text


def _too_long(text: str, limit: int) -> FieldRefused:
    wording = Wording(
        "Keep it to %(most)s characters; it has %(now)s now.", {"most": limit, "now": len(text)}
    )
    return FieldRefused("too_long", wording.english, wording)
