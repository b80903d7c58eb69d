"""Reads the query string strictly: known names, each once, clean UTF-8."""

from collections.abc import Collection
from urllib.parse import parse_qsl
from uuid import UUID

from django.http import HttpRequest

from moderation.api.fields import read_uuid
from moderation.api.problems import ProblemRaised
from moderation.lib.unicode_rules import has_forbidden_controls

MOST_PER_PAGE = 100
PER_PAGE = 50
_MOST_PARAMETERS = 20


class Query:
    """The parameters of one request. Reading an invalid one raises `ProblemRaised` (400)."""

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values

    def text(self, name: str) -> str:
        """The value, or "" if it was not sent."""
        return self._values.get(name, "")

    def uuid(self, name: str) -> UUID | None:
        """An id, or None if none was sent."""
        if name not in self._values:
            return None
        value = read_uuid(self._values[name])
        if value is None:
            raise _bad(name, "an id")
        return value

    def limit(self) -> int:
        """The size of a page: `limit`, 1 to 100, or 50 if it was not sent."""
        text = self._values.get("limit", str(PER_PAGE))
        if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MOST_PER_PAGE):
            raise _bad("limit", f"a number from 1 to {MOST_PER_PAGE}")
        return int(text)

    def choice(self, name: str, choices: Collection[str]) -> str:
        """One of `choices`, or "" if none was sent."""
        value = self._values.get(name)
        if value is None:
            return ""
        if value not in choices:
            raise _bad(name, f"one of: {', '.join(choices)}")
        return value


def read_query(request: HttpRequest, known: Collection[str]) -> Query:
    """The query string of `request`. Django's own parsing would trust a charset from a header."""
    try:
        text = request.META.get("QUERY_STRING", "").encode("latin-1").decode("utf-8")
        pairs = parse_qsl(
            text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS, separator="&"
        )
    except ValueError:  # also for bytes that are not UTF-8
        raise ProblemRaised(400, "bad_query", "Write the query string as percent-encoded UTF-8.") from None
    values = dict(pairs)
    if not values.keys() <= set(known):
        allowed = f"Use only: {', '.join(known)}." if known else "This call takes none."
        raise ProblemRaised(400, "unknown_parameter", f"A query parameter is unknown. {allowed}")
    if len(values) != len(pairs):
        raise ProblemRaised(400, "repeated_parameter", "Send each query parameter once.")
    if any(map(has_forbidden_controls, values.values())):
        raise ProblemRaised(400, "control_character", "Query parameters must not contain control characters.")
    return Query(values)


def _bad(name: str, expected: str) -> ProblemRaised:
    return ProblemRaised(400, "invalid_parameter", f"The parameter {name} has to be {expected}.")
