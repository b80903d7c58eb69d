"""Coral's signatures: HMAC-SHA256 over the raw body, several of them while its secret is being changed."""

import hashlib
import hmac

_SCHEME = "sha256="
# Coral sends one for each secret that has not run out: two during a change.
_MOST = 10


def is_signed(body: bytes, header: str, secret: str) -> bool:
    """Whether one of the signatures in `header` was made of `body` with `secret`, in constant time."""
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()
    given = [part.strip() for part in header.split(",")[:_MOST]]
    matches = [
        hmac.compare_digest(part.removeprefix(_SCHEME).lower().encode("utf-8", "replace"), expected)
        for part in given
        if part.startswith(_SCHEME)
    ]
    return any(matches)
