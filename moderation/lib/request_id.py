"""The id by which an answer and the lines that were logged meanwhile are found together."""

import uuid

REQUEST_ID_HEADER = "X-Request-Id"


def new_request_id() -> str:
    """32 hexadecimal digits. Ours alone: a caller's own could repeat, or hold anything."""
    return uuid.uuid4().hex
