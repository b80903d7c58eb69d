"""The service's own tokens: a comment's status link, its author's view of it, and the form's token."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from django.conf import settings

from moderation.lib.clock import now
from moderation.lib.tokens import Opened, TokenState, open_token, sign_token

NONCE_BYTES = 12
FORM_MAX_AGE = timedelta(hours=24)  # an article left open over night still takes a comment
_BY_SCRIPT = 1
_CONFIRMED = 2


class CommentLink(StrEnum):
    """What a comment's link allows. One kind never works as the other."""

    STATUS = "status"  # tells the status, never the text; a site's server may poll until a person has decided
    VIEW = "view"  # shows the held text to its author; such links stay in histories, so they live a day


LINK_MAX_AGE = {CommentLink.STATUS: timedelta(days=30), CommentLink.VIEW: timedelta(hours=24)}


@dataclass(frozen=True, slots=True)
class FormToken:
    """A form's token after checking. `age_s` is None unless our signature is on it."""

    state: TokenState
    age_s: float | None = None
    by_script: bool = False
    confirmed: bool = False
    nonce: str = ""


def comment_token(comment_id: UUID, link: CommentLink) -> str:
    """A token that opens one comment's status or view, and nothing else."""
    return sign_token(b"", key=_keys()[0], purpose=f"comment.{link}", context=comment_id.bytes, at=now())


def check_comment_token(token: str | None, comment_id: UUID, link: CommentLink) -> TokenState:
    """Whether `token` opens this comment by this kind of link, now."""
    return _open(token, purpose=f"comment.{link}", context=comment_id.bytes, max_age=LINK_MAX_AGE[link]).state


def form_token(*, site_id: UUID, thread: str, by_script: bool = False, confirmed: bool = False) -> str:
    """A token for one form on one thread; `thread` is its key or URL, as it will be sent again.

    `by_script` marks one that a script fetched; `confirmed` one from the page that asked to confirm
    after the former had expired.
    """
    flags = _BY_SCRIPT * by_script | _CONFIRMED * confirmed
    body = bytes([flags]) + secrets.token_bytes(NONCE_BYTES)
    return sign_token(body, key=_keys()[0], purpose="form", context=_form_context(site_id, thread), at=now())


def read_form_token(token: str | None, *, site_id: UUID, thread: str) -> FormToken:
    """What a form's token says; expired ones still tell their age."""
    opened = _open(token, purpose="form", context=_form_context(site_id, thread), max_age=FORM_MAX_AGE)
    if opened.age_s is None or len(opened.body) != 1 + NONCE_BYTES:
        return FormToken(opened.state)
    flags = opened.body[0]
    return FormToken(
        state=opened.state,
        age_s=opened.age_s,
        by_script=bool(flags & _BY_SCRIPT),
        confirmed=bool(flags & _CONFIRMED),
        nonce=opened.body[1:].hex(),
    )


def _form_context(site_id: UUID, thread: str) -> bytes:
    return site_id.bytes + thread.encode("utf-8", "surrogatepass")


def _open(token: str | None, *, purpose: str, context: bytes, max_age: timedelta) -> Opened:
    return open_token(
        token, keys=_keys(), purpose=purpose, context=context, max_age_s=max_age.total_seconds(), at=now()
    )


def _keys() -> list[bytes]:
    """The signing key, then the former ones that still check."""
    return [key.encode() for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
