"""CleanTalk's shape of errors, which the server shell needs before Django is set up."""

import json
from typing import Any

from moderation.compat.cleantalk.reading import CleanTalkRefused
from moderation.compat.refusing import ShapedRefusal

VERSION = "7.47"  # of CleanTalk's server, whose answers ours have the form of
NOT_POST = CleanTalkRefused(6, "Send a POST request.")
TOO_LARGE = CleanTalkRefused(6, "Send at most 128 kB.")
UNAVAILABLE = CleanTalkRefused(7, "The service is unavailable for a moment.")
_REFUSED = 6


def build_error(refused: CleanTalkRefused) -> dict[str, Any]:
    """An error in CleanTalk's words. Nothing is allowed, so that a key that ran out does not go unnoticed."""
    return {
        "version": VERSION,
        "allow": 0,
        "id": "",
        "comment": f"*** {refused.message} ***",
        "errno": refused.errno,
        "errstr": refused.message,
        "stop_queue": 0,
        "inactive": 0,
        "account_status": 0,
    }


def shape_refusal_as_cleantalk(status: int, code: str, detail: str) -> ShapedRefusal:
    """The answer to what never reached the view."""
    return ShapedRefusal("application/json", json.dumps(build_error(CleanTalkRefused(_REFUSED, detail))))
