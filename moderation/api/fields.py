"""Reads a JSON object field by field, and reports all mistakes at once."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from moderation.domain.errors import FieldError, InvalidFields
from moderation.lib.client_ip import client_ip
from moderation.lib.clock import now
from moderation.lib.unicode_rules import has_line_breaks

# By how much the clocks of two servers may differ.
SKEW = timedelta(minutes=5)
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# RFC 3339: a day, a time and an offset. `fromisoformat` alone takes weeks and leaves out offsets.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_MOST_VERSION = 2**31 - 1

S = TypeVar("S", bound=msgspec.Struct)


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
        """A text of at most `most` characters, without surrounding spaces."""
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
        """true or false; false if it was not sent."""
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
            self.note(name, "invalid_id", "Send an id as this API returned it.")
        return found

    def version(self, name: str) -> int | None:
        """A comment's version, or None."""
        value = self.value(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST_VERSION:
            self.note(name, "invalid_number", "Send the version as this API returned it.")
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
            self.note(name, "in_the_future", "This time is in the future.")
            return None
        return min(found, now())

    def ip(self, name: str) -> str:
        """An IP address in one spelling, or ""."""
        value = self.value(name)
        if value is None or value == "":
            return ""
        found = client_ip(value, "", trusted_proxies=0) if isinstance(value, str) else ""
        return found or self.note(name, "invalid_ip", "Send an IPv4 or IPv6 address.")

    def read(self, kind: type[S], *, asker: str = "") -> S:
        """All fields of the struct `kind`. Fields that `asker`, a kind of key, may not send are noted as
        mistakes.

        After a mistake was noted, the struct holds something harmless in its place.
        """
        values: dict[str, Any] = {}
        for name, only, read in _plan(kind):
            if only and only != asker:
                values[name] = None
                if self.value(name) is not None:
                    self.note(name, "not_for_this_key", f"Only a {only} key may send this.")
            else:
                values[name] = read(self, name)
        return kind(**values)

    def inner(self, name: str) -> "Fields":
        """The required object in a field; its mistakes are noted here."""
        value = self.value(name)
        if isinstance(value, dict):
            fields = Fields(value, prefix=f"{self._prefix}{name}.")
        else:
            self.note(name, "required" if value is None else "not_an_object", "Send a JSON object here.")
            fields = _Unread({})
        fields.errors = self.errors
        return fields

    def inner_shape(self, name: str, kind: type[S]) -> S:
        """The required struct in a field."""
        inner = self.inner(name)
        shape = inner.read(kind)
        inner.refuse_others()
        return shape

    def objects(self, name: str, kind: msgspec.inspect.ListType) -> list[Any]:
        """The required list of structs in a field; those with a mistake are left out."""
        listed, least, most = self.value(name), kind.min_length or 0, kind.max_length or 0
        if not isinstance(listed, list) or not least <= len(listed) <= most:
            self.note(name, "invalid_list", f"Send a list of {least} to {most} {name}.")
            return []
        items = [self._item(f"{name}[{number}]", item, kind) for number, item in enumerate(listed)]
        return [item for item in items if item is not None]

    def _item(self, name: str, raw: Any, kind: msgspec.inspect.ListType) -> Any:
        if not isinstance(raw, dict):
            return self.note(name, "not_an_object", "Send a JSON object here.") or None
        one = Fields(raw, prefix=f"{self._prefix}{name}.")
        shape = one.read(kind.item_type.cls)  # type: ignore[attr-defined]  # lists hold structs only
        one.refuse_others()
        self.errors += one.errors
        return None if one.errors else shape

    def note(self, name: str, code: str, message: str) -> str:
        """Note a mistake in a field."""
        self.errors.append(FieldError(f"{self._prefix}{name}", code, message))
        return ""

    def refuse_others(self) -> None:
        """Note that there are unknown fields. Their names are not repeated."""
        if not self._raw.keys() <= self._known:
            message = f"Send only these fields: {', '.join(sorted(self._known))}."
            self.errors.append(FieldError(self._prefix.rstrip("."), "unknown_field", message))

    def finish(self, also: Sequence[FieldError] = ()) -> None:
        """Raise `InvalidFields` with all mistakes noted here, and those passed in."""
        self.refuse_others()
        if self.errors or also:
            raise InvalidFields([*self.errors, *also])

    def _missing(self, name: str) -> str:
        return self.note(name, "required", "This field is required.")


Reader = Callable[[Fields, str], Any]


@cache
def _plan(kind: type[msgspec.Struct]) -> tuple[tuple[str, str, Reader], ...]:
    """How each field of a struct is read: (name, the only kind of key that may send it, reader)."""
    about = msgspec.inspect.type_info(kind)
    assert isinstance(about, msgspec.inspect.StructType)
    return tuple(_plan_field(field) for field in about.fields)


def _plan_field(field: msgspec.inspect.Field) -> tuple[str, str, Reader]:
    kind: Any = field.type
    if isinstance(kind, msgspec.inspect.UnionType):
        (kind,) = (each for each in kind.types if not isinstance(each, msgspec.inspect.NoneType))
    extra: Mapping[str, Any] = {}
    schema: Mapping[str, Any] = {}
    if isinstance(kind, msgspec.inspect.Metadata):
        kind, extra, schema = kind.type, kind.extra or {}, kind.extra_json_schema or {}
    return field.name, extra.get("only", ""), _reader(kind, extra, schema, is_required=field.required)


def _reader(
    kind: msgspec.inspect.Type, extra: Mapping[str, Any], schema: Mapping[str, Any], *, is_required: bool
) -> Reader:
    match extra.get("read_as"), kind:
        case "typed", _:
            return Fields.value
        case "ip", _:
            return Fields.ip
        case "choice", _:
            return _unless_missing(lambda fields, name: fields.choice(name, schema["enum"]), is_required)
        case _, msgspec.inspect.StrType(max_length=int(most)):
            one_line = extra.get("one_line", False)
            return lambda fields, name: fields.text(name, most=most, one_line=one_line, required=is_required)
        case _, msgspec.inspect.UUIDType():
            return lambda fields, name: fields.uuid(name, required=is_required)
        case _, msgspec.inspect.ListType():
            return lambda fields, name: fields.objects(name, kind)
        case _, msgspec.inspect.StructType():
            return _unless_missing(lambda fields, name: fields.inner_shape(name, kind.cls), is_required)
        case _:
            return _READERS[type(kind)]


def _unless_missing(read: Reader, is_required: bool) -> Reader:
    """Makes a reader of required values accept a missing one, for an optional field."""
    if is_required:
        return read
    return lambda fields, name: None if fields.value(name) is None else read(fields, name)


_READERS: dict[type[msgspec.inspect.Type], Reader] = {
    msgspec.inspect.BoolType: Fields.flag,
    msgspec.inspect.DateTimeType: Fields.moment,
    msgspec.inspect.IntType: Fields.version,
}


class _Unread(Fields):
    """Replaces a missing object: it was noted as missing, so its fields need not be."""

    def note(self, name: str, code: str, message: str) -> str:
        return ""


def read_uuid(value: object) -> UUID | None:
    """The id in `value`, in its canonical spelling only."""
    return UUID(value) if isinstance(value, str) and _UUID.fullmatch(value) else None


def _read_moment(value: object) -> datetime | None:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
