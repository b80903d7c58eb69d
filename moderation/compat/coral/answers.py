"""Refusals for Coral, which defines no shape for them and reads the status alone."""

import json

from moderation.compat.refusing import ShapedRefusal


def describe_error(message: str) -> str:
    """The body of a refusal."""
    return json.dumps({"error": {"message": message}})


def shape_refusal_as_coral(status: int, code: str, detail: str) -> ShapedRefusal:
    """The answer to what never reached the view."""
    return ShapedRefusal("application/json", describe_error(detail))
