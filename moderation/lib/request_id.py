"""The id that links a response to the log lines of its request."""

import uuid

REQUEST_ID_HEADER = "X-Request-Id"


def new_request_id() -> str:
    """32 hexadecimal digits. Always our own: a caller's id could repeat or contain anything."""
    return uuid.uuid4().hex
