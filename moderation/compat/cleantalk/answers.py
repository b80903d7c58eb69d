"""CleanTalk's error shape for what its own API has no number for."""

import json

from moderation.compat.cleantalk.mapping import build_error
from moderation.compat.cleantalk.reading import CleanTalkRefused
from moderation.compat.refusing import ShapedRefusal

NOT_POST = CleanTalkRefused(6, "Send a POST request.")
TOO_LARGE = CleanTalkRefused(6, "Send at most 128 kB.")
UNAVAILABLE = CleanTalkRefused(7, "The service is unavailable for a moment.")
_REFUSED = 6


def shape_refusal_as_cleantalk(status: int, code: str, detail: str) -> ShapedRefusal:
    """The answer to what never reached the view."""
    return ShapedRefusal("application/json", json.dumps(build_error(CleanTalkRefused(_REFUSED, detail))))
