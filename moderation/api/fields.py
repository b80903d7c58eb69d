"""A JSON object read field by field: every mistake is noted, and all are told at once."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from moderation.domain.errors import FieldError, InvalidFields
from moderation.lib.client_ip import client_ip
from moderation.lib.clock import now
from moderation.lib.unicode_rules import has_line_breaks

# What clocks of two servers may disagree by.
SKEW = timedelta(minutes=5)
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# RFC 3339: a day, a time and an offset. `fromisoformat` alone takes weeks and leaves out offsets.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_MOST_VERSION = 2**31 - 1


class Fields:
    """The fields of one JSON object. Readers return a harmless value after noting a mistake.

    `null` counts as not sent. `prefix` names the object inside a larger one.
    """

    def __init__(self, raw: Mapping[str, Any], *, prefix: str = "") -> None:
        self.errors: list[FieldError] = []
        self._raw = raw
        self._prefix = prefix
        self._known: set[str] = set()

    def value(self, name: str) -> Any:
        """The field as it was sent, for someone else to check."""
        self._known.add(name)
        return self._raw.get(name)

    def text(self, name: str, *, most: int, one_line: bool = False, required: bool = False) -> str:
        """A text of at most `most` characters, without blanks around it."""
        value = self.value(name)
        if value is None or value == "":
            return self._missing(name) if required else ""
        if not isinstance(value, str):
            return self.note(name, "not_text", "Send this as text.")
        if len(value) > most:
            return self.note(name, "too_long", f"Keep it to {most:,} characters.")
        if one_line and has_line_breaks(value.strip()):
            return self.note(name, "line_break", "Write this on one line.")
        return value.strip() or (self._missing(name) if required else "")

    def flag(self, name: str) -> bool:
        """true or false; false where it was not sent."""
        value = self.value(name)
        if value is not None and not isinstance(value, bool):
            self.note(name, "not_a_flag", "Send true or false.")
        return value is True

    def uuid(self, name: str, *, required: bool = False) -> UUID | None:
        """An id, or None."""
        value = self.value(name)
        if value is None:
            if required:
                self._missing(name)
            return None
        found = read_uuid(value)
        if found is None:
            self.note(name, "invalid_id", "Send an id as this API gave it.")
        return found

    def version(self, name: str) -> int | None:
        """A comment's version, or None."""
        value = self.value(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST_VERSION:
            self.note(name, "invalid_number", "Send the version as this API gave it.")
            return None
        return value

    def choice(self, name: str, choices: Collection[str]) -> str:
        """One of `choices`; it is required."""
        value = self.value(name)
        if value is None:
            return self._missing(name)
        if not isinstance(value, str) or value not in choices:
            return self.note(name, "invalid_choice", f"Send one of: {', '.join(choices)}.")
        return value

    def moment(self, name: str) -> datetime | None:
        """A moment from 1990 until now, as RFC 3339 writes it."""
        value = self.value(name)
        if value is None:
            return None
        found = _read_moment(value)
        if found is None or found < EARLIEST:
            self.note(name, "invalid_moment", "Send a time with its offset, like 2026-01-31T12:00:00Z.")
            return None
        if found > now() + SKEW:
            self.note(name, "in_the_future", "This time has not come yet.")
            return None
        return min(found, now())

    def ip(self, name: str) -> str:
        """An IP address in one spelling, or ""."""
        value = self.value(name)
        if value is None or value == "":
            return ""
        found = client_ip(value, "", trusted_proxies=0) if isinstance(value, str) else ""
        return found or self.note(name, "invalid_ip", "Send an IPv4 or IPv6 address.")

    def inner(self, name: str) -> "Fields":
        """The object in a field, which is required; its mistakes are noted here."""
        value = self.value(name)
        if isinstance(value, dict):
            fields = Fields(value, prefix=f"{self._prefix}{name}.")
        else:
            self.note(name, "required" if value is None else "not_an_object", "Send a JSON object here.")
            fields = _Unread({})
        fields.errors = self.errors
        return fields

    def note(self, name: str, code: str, message: str) -> str:
        """Note a mistake in a field."""
        self.errors.append(FieldError(f"{self._prefix}{name}", code, message))
        return ""

    def refuse_others(self) -> None:
        """Note that there are fields which nobody asked for. Their names are not repeated."""
        if not self._raw.keys() <= self._known:
            message = f"Send no other fields than: {', '.join(sorted(self._known))}."
            self.errors.append(FieldError(self._prefix.rstrip("."), "unknown_field", message))

    def finish(self, also: Sequence[FieldError] = ()) -> None:
        """Raise `InvalidFields` with all mistakes noted, and those that others found."""
        self.refuse_others()
        if self.errors or also:
            raise InvalidFields([*self.errors, *also])

    def _missing(self, name: str) -> str:
        return self.note(name, "required", "This is needed.")


class _Unread(Fields):
    """Stands in for an object that is not there: that was noted, its fields need not be."""

    def note(self, name: str, code: str, message: str) -> str:
        return ""


def read_uuid(value: object) -> UUID | None:
    """The id in `value`, in its plain spelling only."""
    return UUID(value) if isinstance(value, str) and _UUID.fullmatch(value) else None


def _read_moment(value: object) -> datetime | None:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
