"""The classic "Leave a Reply" form: its input and what it shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy

from moderation.domain.errors import FieldError
from moderation.embed.page import RESPOND, Page
from moderation.embed.wording import tell_error
from moderation.lib.markup import TextFormat
from moderation.models import Site
from moderation.privacy.tokens import form_token

# The names of the inputs, as in the classic form, and of the fields in `flow/comments/submit.py`.
FIELD_OF_INPUT = {"comment": "body", "author": "name", "email": "email", "url": "website"}
INPUT_OF_FIELD = {field: name for name, field in FIELD_OF_INPUT.items()}
LABELS = {
    "comment": gettext_lazy("Comment"),
    "author": gettext_lazy("Name"),
    "email": gettext_lazy("Email"),
    "url": gettext_lazy("Website"),
}
CONSENT = "wp-comment-cookies-consent"
HONEYPOT = "comment_subject"
TOKEN = "form_token"  # noqa: S105 - the name of an input
PARENT = "comment_parent"
WORK = "altcha"  # as ALTCHA's own widget names it


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was sent. So far only its encoding has been checked."""

    values: Mapping[str, str] = field(default_factory=dict)
    has_consent: bool = False
    token: str = ""
    parent: str = ""
    honeypot: str = ""
    work: str = ""
    is_readable: bool = True


@dataclass(frozen=True, slots=True)
class Input:
    """One field of the form with its label, its text and its error."""

    name: str
    label: str
    value: str
    error: str
    is_required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentForm:
    """Everything that the form's template needs. `problem` says why the form is shown again;
    `challenge` is the address of challenges, if the site asks for a proof of work.
    """

    action: str
    token: str
    post_id: str = "0"
    inputs: Mapping[str, Input]
    has_consent: bool = False
    offers_consent: bool = True
    reply_to: UUID | None = None
    reply_to_name: str = ""
    cancel_link: str = ""
    new_link: str = ""  # to the form for a comment of its own
    is_placed: bool = False  # under the comment that it answers, which the page shows
    problem: str = ""
    hint: str = ""
    challenge: str = ""

    @property
    def errors(self) -> list[Input]:
        """The fields with errors, in their order."""
        return [each for each in self.inputs.values() if each.error]


def read_typed(request: HttpRequest) -> Typed:
    """The form from a POST; missing inputs are empty."""
    is_readable = _is_utf8(request)
    posted = request.POST
    return Typed(
        is_readable=is_readable,
        values={name: posted.get(name, "") for name in FIELD_OF_INPUT},
        has_consent=bool(posted.get(CONSENT)),
        token=posted.get(TOKEN, ""),
        parent=posted.get(PARENT, ""),
        honeypot=posted.get(HONEYPOT, ""),
        work=posted.get(WORK, ""),
    )


def _is_utf8(request: HttpRequest) -> bool:
    """Whether the body is UTF-8, as browsers send it; Django would read invalid bytes as U+FFFD."""
    is_encoded = request.content_type == "application/x-www-form-urlencoded"
    try:
        (unquote_to_bytes(request.body) if is_encoded else request.body).decode()
    except UnicodeDecodeError:
        return False
    return True


def build_form(
    page: Page,
    *,
    values: Mapping[str, str],
    has_consent: bool = False,
    reply_to: tuple[UUID, str] | None = None,
    errors: list[FieldError] | None = None,
    problem: str = "",
    asks_to_confirm: bool = False,
) -> CommentForm:
    """The form of `page`, with a fresh token."""
    return CommentForm(
        action=page.post_to,
        token=form_token(site_id=page.site.id, thread=page.token_subject, confirmed=asks_to_confirm),
        post_id=page.token_subject,
        inputs=build_inputs(values, requires_email=page.site.requires_email, errors=errors or []),
        has_consent=has_consent,
        offers_consent=page.offers_consent,
        reply_to=reply_to[0] if reply_to else None,
        reply_to_name=reply_to[1] if reply_to else "",
        cancel_link=page.link(f"comment-{reply_to[0]}", comment=str(reply_to[0])) if reply_to else "",
        new_link=page.link(RESPOND),
        problem=problem,
        hint=tell_formatting(page.site),
        challenge=page.challenge_path if page.site.asks_readers_for_work else "",
    )


def tell_formatting(site: Site) -> str:
    """What may be typed to format a comment on this site; "" where texts are shown as typed."""
    if site.text_format != TextFormat.MARKDOWN:
        return ""
    return gettext("You can use *emphasis*, **strong**, > quotes, lists, `code` and links.")


def build_inputs(
    values: Mapping[str, str], *, requires_email: bool = True, errors: list[FieldError] | None = None
) -> dict[str, Input]:
    """The fields in their order, each with its own error."""
    messages = {INPUT_OF_FIELD.get(error.field, error.field): tell_error(error) for error in errors or []}
    required = {"comment", "author", "email"} if requires_email else {"comment"}
    return {
        name: Input(name, str(label), values.get(name, ""), messages.get(name, ""), name in required)
        for name, label in LABELS.items()
    }
