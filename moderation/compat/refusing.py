"""How a service words what is refused before any of its views is called."""

from collections.abc import Callable
from typing import NamedTuple


class ShapedRefusal(NamedTuple):
    """The body of a refusal, as a service's clients read it."""

    content_type: str
    body: str
    headers: tuple[tuple[str, str], ...] = ()


# Takes the HTTP status, our stable code and a sentence in English.
RefusalShape = Callable[[int, str, str], ShapedRefusal]
