"""Signed tokens: bound to a purpose and to what they speak about, dated, and unreadable as anything else."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MAC_BYTES = 16  # 128 bits: nobody guesses that over a network, and links stay short
ISSUED_BYTES = 8
# Two of our own processes may disagree by this much. What is dated later was forged, or the clock jumped.
CLOCK_SKEW_S = 60
_LONGEST = 512  # characters; ours have at most 60


class TokenState(StrEnum):
    """What became of a token that was handed in."""

    OK = "ok"
    EXPIRED = "expired"
    MISSING = "missing"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Opened:
    """A token after checking. `body` and `age_s` are there only where the signature is right."""

    state: TokenState
    body: bytes = b""
    age_s: float | None = None


def sign_token(body: bytes, *, key: bytes, purpose: str, context: bytes, at: datetime) -> str:
    """`body` and the time `at`, readable by anybody, signed for one `purpose` and one `context`.

    `context` (such as an id) is not inside the token: who reads it must know what it is about.
    """
    issued = int(at.timestamp() * 1000).to_bytes(ISSUED_BYTES, "big")
    signed = issued + body
    return _encode(signed + _mac(signed, key=key, purpose=purpose, context=context))


def open_token(
    token: str | None,
    *,
    keys: Sequence[bytes],
    purpose: str,
    context: bytes,
    max_age_s: float,
    at: datetime,
) -> Opened:
    """Check `token` at the time `at`; any of `keys` may have signed it. Never raises for any text."""
    if not token:
        return Opened(TokenState.MISSING)
    signed, mac = _decode(token)
    good = [hmac.compare_digest(mac, _mac(signed, key=key, purpose=purpose, context=context)) for key in keys]
    if len(signed) < ISSUED_BYTES or not any(good):
        return Opened(TokenState.INVALID)
    age_s = at.timestamp() - int.from_bytes(signed[:ISSUED_BYTES], "big") / 1000
    if age_s < -CLOCK_SKEW_S:
        return Opened(TokenState.INVALID)
    state = TokenState.EXPIRED if age_s > max_age_s else TokenState.OK
    return Opened(state, signed[ISSUED_BYTES:], max(age_s, 0.0))


def _mac(signed: bytes, *, key: bytes, purpose: str, context: bytes) -> bytes:
    # A key of its own per purpose and context, so that no token can stand in for another.
    about = hashlib.sha256(purpose.encode() + b"\x00" + context).digest()
    own_key = hmac.digest(key, b"token" + about, "sha256")
    return hmac.digest(own_key, signed, "sha256")[:MAC_BYTES]


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(token: str) -> tuple[bytes, bytes]:
    """(signed part, signature), both empty for what no token can be."""
    if len(token) > _LONGEST or not token.isascii():
        return b"", b""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b"", b""
    if _encode(raw) != token:  # one token has one spelling
        return b"", b""
    return raw[:-MAC_BYTES], raw[-MAC_BYTES:]
