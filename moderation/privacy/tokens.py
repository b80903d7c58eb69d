"""The service's own tokens: a comment's status link, its author's view of it, and the form's token.

Signed by `django.core.signing`, each with a salt for its purpose and subject, so that no token can be used as
another. The time comes from our clock, to the millisecond, which `TimestampSigner` cannot do.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer, b62_decode, b62_encode

from moderation.lib.clock import now
from moderation.lib.tokens import LONGEST, TokenState, judge_age, open_former_token

FORM_MAX_AGE = timedelta(hours=24)  # an article left open overnight still accepts a comment
_BY_SCRIPT = 1
_CONFIRMED = 2
_SEPARATOR = "."  # appears in links


class CommentLink(StrEnum):
    """What a comment's link permits. One kind never works as the other."""

    STATUS = "status"  # gives the status, never the text; a site's server may poll until a person has decided
    VIEW = "view"  # shows the held text to its author; stays in browser histories, so valid for a day


LINK_MAX_AGE = {CommentLink.STATUS: timedelta(days=30), CommentLink.VIEW: timedelta(hours=24)}


@dataclass(frozen=True, slots=True)
class FormToken:
    """A form's token after checking. `age_s` is None unless our signature is valid."""

    state: TokenState
    age_s: float | None = None
    by_script: bool = False
    confirmed: bool = False


def comment_token(comment_id: UUID, link: CommentLink) -> str:
    """A token for one comment's status or view, and nothing else."""
    return _sign(0, purpose=f"comment.{link}", context=comment_id.bytes)


def check_comment_token(token: str | None, comment_id: UUID, link: CommentLink) -> TokenState:
    """Whether `token` is valid for this comment and kind of link now."""
    return _open(token, purpose=f"comment.{link}", context=comment_id.bytes, max_age=LINK_MAX_AGE[link]).state


def form_token(*, site_id: UUID, thread: str, by_script: bool = False, confirmed: bool = False) -> str:
    """A token for one form on one thread; `thread` is its key or URL, as the form will send it.

    `by_script` marks a token that a script fetched; `confirmed` one from the page that asked for confirmation
    after the first one had expired.
    """
    flags = _BY_SCRIPT * by_script | _CONFIRMED * confirmed
    return _sign(flags, purpose="form", context=_form_context(site_id, thread))


def read_form_token(token: str | None, *, site_id: UUID, thread: str) -> FormToken:
    """The content of a form's token; expired ones still give their age."""
    opened = _open(token, purpose="form", context=_form_context(site_id, thread), max_age=FORM_MAX_AGE)
    return FormToken(
        state=opened.state,
        age_s=opened.age_s,
        by_script=bool(opened.flags & _BY_SCRIPT),
        confirmed=bool(opened.flags & _CONFIRMED),
    )


@dataclass(frozen=True, slots=True)
class _Opened:
    state: TokenState
    flags: int = 0
    age_s: float | None = None


def _sign(flags: int, *, purpose: str, context: bytes) -> str:
    """`time.flags.signature`: readable by anybody. Its subject is not part of it."""
    issued_ms = int(now().timestamp() * 1000)
    return _signer(purpose, context).sign(f"{b62_encode(issued_ms)}{_SEPARATOR}{flags}")


def _open(token: str | None, *, purpose: str, context: bytes, max_age: timedelta) -> _Opened:
    """Check `token` now. Never raises, whatever the text."""
    if not token:
        return _Opened(TokenState.MISSING)
    if len(token) > LONGEST or not token.isascii():
        return _Opened(TokenState.INVALID)
    if _SEPARATOR not in token:
        return _open_former(token, purpose=purpose, context=context, max_age=max_age)
    try:
        issued, _, flags = _signer(purpose, context).unsign(token).partition(_SEPARATOR)
    except BadSignature:
        return _Opened(TokenState.INVALID)
    age_s = now().timestamp() - b62_decode(issued) / 1000
    state = judge_age(age_s, max_age_s=max_age.total_seconds())
    return _Opened(state, int(flags), max(age_s, 0.0)) if state != TokenState.INVALID else _Opened(state)


def _signer(purpose: str, context: bytes) -> Signer:
    """Signs by SECRET_KEY, and checks by SECRET_KEY_FALLBACKS too."""
    about = hashlib.sha256(context).hexdigest()
    return Signer(sep=_SEPARATOR, salt=f"moderation.{purpose}:{about}")


def _form_context(site_id: UUID, thread: str) -> bytes:
    return site_id.bytes + thread.encode("utf-8", "surrogatepass")


def _open_former(token: str, *, purpose: str, context: bytes, max_age: timedelta) -> _Opened:
    """Tokens from before `django.core.signing`. To be removed with `open_former_token`."""
    keys = [key.encode() for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    opened = open_former_token(
        token, keys=keys, purpose=purpose, context=context, max_age_s=max_age.total_seconds(), at=now()
    )
    return _Opened(opened.state, opened.body[0] if opened.body else 0, opened.age_s)
