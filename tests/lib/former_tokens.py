"""Tokens as they were signed before `django.core.signing`."""

import base64
import hashlib
import hmac
from datetime import datetime


def sign_former_token(body: bytes, *, key: bytes, purpose: str, context: bytes, at: datetime) -> str:
    """`body` and the time `at`, readable by anybody, signed for one `purpose` and one `context`."""
    signed = int(at.timestamp() * 1000).to_bytes(8, "big") + body
    about = hashlib.sha256(purpose.encode() + b"\x00" + context).digest()
    own_key = hmac.digest(key, b"token" + about, "sha256")
    mac = hmac.digest(own_key, signed, "sha256")[:16]
    return base64.urlsafe_b64encode(signed + mac).rstrip(b"=").decode()
