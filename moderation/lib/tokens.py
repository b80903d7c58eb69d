"""The states of a submitted token, and the reading of tokens in the former format.

Tokens are made and read in `privacy/tokens.py`. `open_former_token`, and what only it uses, can go 30 days
(the life of the longest link) after the first version that signs by `django.core.signing` runs everywhere: in
the second release after it.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MAC_BYTES = 16  # 128 bits: cannot be guessed over a network, and keeps links short
ISSUED_BYTES = 8
# By how much the clocks of our own processes may differ. A token dated later is forged, or the clock jumped.
CLOCK_SKEW_S = 60
LONGEST = 512  # characters; ours have at most 60


class TokenState(StrEnum):
    """The result of checking a token."""

    OK = "ok"
    EXPIRED = "expired"
    MISSING = "missing"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Opened:
    """A token of the former format after checking. `body` and `age_s` only if the signature is right."""

    state: TokenState
    body: bytes = b""
    age_s: float | None = None


def judge_age(age_s: float, *, max_age_s: float) -> TokenState:
    """Whether a token of this age, whose signature is right, may be used."""
    if age_s < -CLOCK_SKEW_S:
        return TokenState.INVALID
    return TokenState.EXPIRED if age_s > max_age_s else TokenState.OK


def open_former_token(
    token: str,
    *,
    keys: Sequence[bytes],
    purpose: str,
    context: bytes,
    max_age_s: float,
    at: datetime,
) -> Opened:
    """Check `token` at the time `at`; any of `keys` may have signed it. Never raises for any text."""
    signed, mac = _decode(token)
    good = [hmac.compare_digest(mac, _mac(signed, key=key, purpose=purpose, context=context)) for key in keys]
    if len(signed) < ISSUED_BYTES or not any(good):
        return Opened(TokenState.INVALID)
    age_s = at.timestamp() - int.from_bytes(signed[:ISSUED_BYTES], "big") / 1000
    state = judge_age(age_s, max_age_s=max_age_s)
    if state == TokenState.INVALID:
        return Opened(state)
    return Opened(state, signed[ISSUED_BYTES:], max(age_s, 0.0))


def _mac(signed: bytes, *, key: bytes, purpose: str, context: bytes) -> bytes:
    # A separate key per purpose and context, so that no token can be used as another.
    about = hashlib.sha256(purpose.encode() + b"\x00" + context).digest()
    own_key = hmac.digest(key, b"token" + about, "sha256")
    return hmac.digest(own_key, signed, "sha256")[:MAC_BYTES]


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(token: str) -> tuple[bytes, bytes]:
    """(signed part, signature), both empty for anything that cannot be a token."""
    if len(token) > LONGEST or not token.isascii():
        return b"", b""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b"", b""
    if _encode(raw) != token:  # each token has exactly one spelling
        return b"", b""
    return raw[:-MAC_BYTES], raw[-MAC_BYTES:]
