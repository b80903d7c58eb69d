"""Hand-made JSON bodies: what every address that takes JSON has to refuse. `number` is the corpus' row."""

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from moderation.api.parser import MAX_BYTES, MAX_DEPTH

JSON = "application/json"
Good = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Body:
    """One way to spoil a good body, and the answer. Row 0 is of our own adding."""

    number: int
    name: str
    build: Callable[[Good], bytes]
    code: str
    status: int = 400
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


def encode(good: Good) -> bytes:
    return json.dumps(good).encode()


def bytes_(raw: bytes) -> Callable[[Good], bytes]:
    """Always the same bytes."""
    return lambda good: raw


def more(text: str) -> Callable[[Good], bytes]:
    """A good body with `text` as one more member."""
    return lambda good: b"%b, %b}" % (encode(good)[:-1], text.encode("utf-8", "surrogatepass"))


def twice(good: Good) -> bytes:
    name = next(iter(good))
    return b"{%b: 1, %b" % (json.dumps(name).encode(), encode(good)[1:])


def twice_by_escape(good: Good) -> bytes:
    name = next(iter(good))
    return b'{"\\u%04x%b": 1, %b' % (ord(name[0]), name[1:].encode(), encode(good)[1:])


def of_size(size: int) -> Callable[[Good], bytes]:
    return lambda good: encode(good) + b" " * (size - len(encode(good)))


DEEP_LIST = "[" * 1000 + "]" * 1000
DEEP_OBJECT = '{"a":' * 10_000 + "1" + "}" * 10_000
DEEP_MIX = '[{"a":' * 5000 + "1" + "}]" * 5000
LONG = "x" * 100_000

BODIES = [
    Body(1, "empty", bytes_(b""), "empty"),
    Body(1, "blank", bytes_(b" \r\n\t"), "empty"),
    Body(2, "cut off", lambda good: encode(good)[:-1], "truncated"),
    Body(2, "only opened", bytes_(b"{"), "truncated"),
    Body(3, "list", bytes_(b"[]"), "not_an_object"),
    Body(3, "null", bytes_(b"null"), "not_an_object"),
    Body(3, "text", bytes_(b'"x"'), "not_an_object"),
    Body(3, "number", bytes_(b"1"), "not_an_object"),
    Body(4, "FF FE in a text", lambda good: encode(good)[:-1] + b', "x": "\xff\xfe"}', "bad_encoding"),
    Body(5, "UTF-16", lambda good: encode(good).decode().encode("utf-16"), "bad_encoding"),
    Body(5, "UTF-16 without a mark", lambda good: encode(good).decode().encode("utf-16-le"), "invalid_json"),
    Body(5, "UTF-8 with a mark", lambda good: b"\xef\xbb\xbf" + encode(good), "bad_encoding"),
    Body(6, "charset utf-7", encode, "unsupported_charset", 415, f"{JSON}; charset=utf-7"),
    Body(6, "charset bogus", encode, "unsupported_charset", 415, f"{JSON}; charset=bogus"),
    Body(6, "charset base64", encode, "unsupported_charset", 415, f"{JSON}; charset=base64"),
    Body(6, "charset twice", encode, "unsupported_charset", 415, f"{JSON}; charset=x; charset=utf-8"),
    Body(8, "no content type", encode, "unsupported_media_type", 415, ""),
    Body(8, "XML", encode, "unsupported_media_type", 415, "application/xml"),
    Body(8, "text/json", encode, "unsupported_media_type", 415, "text/json"),
    Body(8, "two types", encode, "unsupported_media_type", 415, "application/json, text/plain"),
    Body(9, "multipart", encode, "unsupported_media_type", 415, "multipart/form-data"),
    Body(
        9,
        "multipart, long",
        encode,
        "unsupported_media_type",
        415,
        "multipart/form-data; boundary=" + "b" * 300,
    ),
    Body(10, "form", bytes_(b"body=x"), "unsupported_media_type", 415, "application/x-www-form-urlencoded"),
    Body(
        11, "form, %FF", bytes_(b"a=%FF"), "unsupported_media_type", 415, "application/x-www-form-urlencoded"
    ),
    Body(13, "128 kB and a byte", of_size(MAX_BYTES + 1), "too_large", 413),
    Body(14, "3 MB", of_size(3_000_000), "too_large", 413),
    Body(18, "1,000 lists", more(f'"x": {DEEP_LIST}'), "too_deep"),
    Body(20, "10,000 objects", bytes_(DEEP_OBJECT.encode()), "too_deep"),
    Body(0, "lists and objects by turns", more(f'"x": {DEEP_MIX}'), "too_deep"),
    Body(0, "one level too many", more(f'"x": {"[" * MAX_DEPTH}{"]" * MAX_DEPTH}'), "too_deep"),
    Body(0, "deep and never closed", more(f'"x": {"[" * 60_000}'), "too_deep"),
    Body(22, "a key twice", twice, "duplicate_key"),
    Body(0, "a key twice, once by an escape", twice_by_escape, "duplicate_key"),
    Body(0, "an inner key twice", more('"x": {"a": 1, "b": [{"c": 1, "c": 1}]}'), "duplicate_key"),
    Body(23, "NaN", more('"x": NaN'), "invalid_json"),
    Body(23, "Infinity", more('"x": Infinity'), "invalid_json"),
    Body(23, "-Infinity", more('"x": -Infinity'), "invalid_json"),
    Body(24, "1e400", more('"x": 1e400'), "number_out_of_range"),
    Body(0, "exponent of nine digits", more('"x": -1E+999999999'), "number_out_of_range"),
    Body(0, "number of 5,000 digits", more(f'"x": {"9" * 5000}'), "number_out_of_range"),
    Body(0, "fraction of 5,000 digits", more(f'"x": 0.{"1" * 5000}'), "number_out_of_range"),
    Body(0, "number with a leading zero", more('"x": 01'), "invalid_json"),
    Body(0, "hexadecimal", more('"x": 0x10'), "invalid_json"),
    Body(34, "NUL in a JSON value", more(r'"x": ["a\u0000"]'), "control_character"),
    Body(34, "NUL in a key", more(r'"\u0000": 1'), "control_character"),
    Body(34, "NUL as it is", more('"x": "\x00"'), "invalid_json"),
    Body(37, "lone surrogate in a JSON value", more(r'"x": {"y": "\ud800"}'), "control_character"),
    Body(37, "surrogates the wrong way round", more(r'"x": "\udc00\ud800"'), "control_character"),
    Body(37, "surrogate in UTF-8", more('"x": "\ud800"'), "bad_encoding"),
    Body(0, "escape character", more(r'"x": "\u001b"'), "control_character"),
    Body(0, "DEL", more('"x": "\x7f"'), "control_character"),
    Body(0, "half an escape", more(r'"x": "\u12"'), "invalid_json"),
    Body(0, "line break in a text", more('"x": "a\nb"'), "invalid_json"),
    Body(0, "comment", lambda good: encode(good) + b" // x", "invalid_json"),
    Body(0, "two documents", lambda good: encode(good) * 2, "invalid_json"),
    Body(0, "comma too many", lambda good: encode(good)[:-1] + b",}", "invalid_json"),
    Body(0, "single quotes", lambda good: encode(good).replace(b'"', b"'"), "invalid_json"),
    Body(0, "NUL after the end", lambda good: encode(good) + b"\x00", "invalid_json"),
    Body(71, "id", more('"id": "x"'), "invalid_fields"),
    Body(71, "status", more('"status": "approved"'), "invalid_fields"),
    Body(71, "site", more('"site": "x"'), "invalid_fields"),
    Body(71, "revision", more('"revision": 1'), "invalid_fields"),
    Body(71, "is_staff", more('"is_staff": true'), "invalid_fields"),
    Body(0, "__proto__", more('"__proto__": {"is_staff": true}'), "invalid_fields"),
    Body(0, "key of 100,000 letters", more(f'"{LONG}": 1'), "invalid_fields"),
    Body(0, "empty key", more('"": 1'), "invalid_fields"),
    Body(0, "10,000 unknown keys", more(",".join(f'"{n}":0' for n in range(10_000))), "invalid_fields"),
    Body(
        0,
        "gzip",
        lambda good: gzip.compress(encode(good)),
        "unsupported_encoding",
        415,
        headers={"Content-Encoding": "gzip"},
    ),
    Body(0, "said to be brotli", encode, "unsupported_encoding", 415, headers={"Content-Encoding": "br"}),
]
