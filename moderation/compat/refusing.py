"""Refusals before any view is called, in the shape of the service whose address was called."""

from collections.abc import Callable
from typing import NamedTuple

from moderation.compat.openai_moderations.errors import describe_refusal


class ShapedRefusal(NamedTuple):
    """The body of a refusal, as a service's clients read it."""

    content_type: str
    body: str


# Takes the HTTP status, our stable code and a sentence in English.
RefusalShape = Callable[[int, str, str], ShapedRefusal]


def _as_openai(status: int, code: str, detail: str) -> ShapedRefusal:
    return ShapedRefusal("application/json", describe_refusal(status, code, detail))


# The beginning of a path, and the shape of what is refused there.
SHAPES: tuple[tuple[str, RefusalShape], ...] = (("/v1/moderations", _as_openai),)


def shape_refusal(path: str, *, status: int, code: str, detail: str) -> ShapedRefusal | None:
    """The refusal in the shape of the service that lives at `path`; None for any other path."""
    for prefix, shape in SHAPES:
        if path.startswith(prefix):
            return shape(status, code, detail)
    return None
