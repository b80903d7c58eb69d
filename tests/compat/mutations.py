"""Recorded requests of a service's clients, and mutations of them: each breaks something a server reads.

for mutant in mutants(load_pairs(FOLDER), seed=1, count=2000):
    status, kind, body = send(mutant)
"""

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from tests.compat.wire import WireAnswer, call

JSON_KIND = "application/json"
FORM_KIND = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One request as a client sent it; `headers` without Content-Type, which is `kind`."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = JSON_KIND
    body: bytes = b""
    mutations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordedPair:
    """A request with the response that the real service gave, as in a file of a `recorded` folder.

    A file has `request` (`method path query headers kind`, and `body` as text or `json` as a value) and
    `response` (`status`, and `json` or `body`).
    """

    name: str
    request: RecordedRequest
    status: int
    response: Any


def load_pairs(folder: Path, *, key: str = "{KEY}") -> list[RecordedPair]:
    """All pairs of a folder, by file name, with `key` wherever `{KEY}` stands."""
    return [_load_pair(path, key) for path in sorted(folder.glob("*.json"))]


def _load_pair(path: Path, key: str) -> RecordedPair:
    stored = json.loads(path.read_text(encoding="utf-8").replace("{KEY}", key))
    request, response = dict(stored["request"]), stored["response"]
    sent = request.pop("json", None)
    body = json.dumps(sent, ensure_ascii=False) if sent is not None else request.pop("body", "")
    answered = response.get("json", response.get("body"))
    recorded = RecordedRequest(**request, body=body.encode())
    return RecordedPair(path.stem, recorded, response["status"], answered)


def shape_of(value: Any) -> Any:
    """A value without its leaves: names and types, so that scores may differ and nothing else."""
    if isinstance(value, dict):
        return {name: shape_of(child) for name, child in value.items()}
    if isinstance(value, list):
        return [shape_of(child) for child in value]
    return (
        "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__
    )


def send(request: RecordedRequest) -> WireAnswer:
    """Our answer, through the real WSGI application."""
    return call(
        request.method,
        request.path,
        request.body,
        query=request.query,
        headers=request.headers,
        kind=request.kind,
    )


def mutants(pairs: Sequence[RecordedPair], *, seed: int, count: int) -> Iterator[RecordedRequest]:
    """For each pair `count` mutants of its request, each of one to three mutations; the same for a seed."""
    for pair in pairs:
        dice = random.Random(f"{seed}/{pair.name}")
        for _ in range(count):
            mutant = pair.request
            for _ in range(dice.choice((1, 1, 1, 2, 3))):
                name, mutate = dice.choice(_MUTATIONS)
                mutant = replace(mutate(mutant, dice), mutations=(*mutant.mutations, name))
            yield mutant


def assert_unbroken(request: RecordedRequest, is_own_shape: Callable[[WireAnswer], bool]) -> WireAnswer:
    """Send a mutant: no server error, and what is refused is refused in the service's own shape."""
    answer = send(request)
    told = f"{request.mutations} {request.method} {request.path}?{request.query} {request.body[:300]!r}"
    if answer.status >= 500:
        pytest.fail(f"{answer.status} for {told}")
    if not is_own_shape(answer):
        pytest.fail(f"{answer.status} {answer.kind} {answer.raw[:300]!r} for {told}")
    return answer


_ODD: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1e308,
        2**63,
        0.5,
        "",
        " ",
        "\x00",
        "null",
        "\ud800",
        "💥" * 50,
        "a" * 30_000,
    ),
    *(
        [],
        {},
        [[]],
        [None],
        {"": ""},
        {"a": {"b": {"c": []}}},
        ["a"] * 200,
        "http://[",
        "%00",
        "ſ",
        "-1",
        "NaN",
    ),
)
_ODD_BYTES = (
    b"\x00",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"{",
    b"}",
    b'"',
    b"\\u0000",
    b"%",
    b"&",
    b"=",
    b"+",
    b"\r\n",
)
_ODD_KINDS = (
    *("", JSON_KIND, FORM_KIND, "text/plain", "multipart/form-data; boundary=x", "multipart/form-data"),
    *("application/json; charset=utf-16", "application/json; charset=bogus", "application/xml", "a/b;;;"),
)


def _paths_of(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, child in children:
        yield from _paths_of(child, (*at, key))


def _replaced(value: Any, at: tuple[Any, ...], change: Callable[[Any], Any]) -> Any:
    if not at:
        return change(value)
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[at[0]] = _replaced(copy[at[0]], at[1:], change)
    return copy


def _dump(value: Any) -> bytes:
    return json.dumps(value).encode()


def _mutate_value(request: RecordedRequest, dice: random.Random) -> RecordedRequest:
    """An odd value in place of one within the body."""
    if request.kind.startswith(FORM_KIND):
        fields = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
        return replace(request, body=_odd_form(fields, dice))
    try:
        value = json.loads(request.body)
    except ValueError:
        return _mutate_bytes(request, dice)
    at = dice.choice(list(_paths_of(value)))
    return replace(request, body=_dump(_replaced(value, at, lambda _: dice.choice(_ODD))))


def _odd_form(fields: list[tuple[str, str]], dice: random.Random) -> bytes:
    text = [each for each in _ODD if isinstance(each, str)]
    if not fields:
        return b"&&==&a"
    number = dice.randrange(len(fields))
    name, _ = fields[number]
    changed = [(name, dice.choice(text)), (f"{name}[]", "1"), (name[:-1], "x"), (name.upper(), "x")]
    fields[number] = dice.choice(changed)
    return urlencode(fields, errors="surrogatepass").encode()


def _mutate_key(request: RecordedRequest, dice: random.Random) -> RecordedRequest:
    """A key or an entry left out, renamed or doubled."""
    if request.kind.startswith(FORM_KIND):
        pieces = request.body.split(b"&")
        number = dice.randrange(len(pieces))
        pieces[number : number + 1] = dice.choice(([], [pieces[number]] * 3))
        return replace(request, body=b"&".join(pieces))
    try:
        value = json.loads(request.body)
    except ValueError:
        return _mutate_bytes(request, dice)
    inner = [at for at in _paths_of(value) if at]
    if not inner:
        return replace(request, body=b"[]")
    at = dice.choice(inner)
    return replace(request, body=_dump(_replaced(value, at[:-1], lambda own: _rekeyed(own, at[-1], dice))))


def _rekeyed(own: Any, key: Any, dice: random.Random) -> Any:
    if isinstance(own, list):
        return dice.choice((own * 3, [each for number, each in enumerate(own) if number != key]))
    rest = {name: value for name, value in own.items() if name != key}
    return dice.choice((rest, rest | {dice.choice(("", key.lower(), key + "_", "__proto__")): own[key]}))


def _mutate_bytes(request: RecordedRequest, dice: random.Random) -> RecordedRequest:
    """Bytes inserted, cut off or changed anywhere."""
    body, at = bytearray(request.body), dice.randint(0, len(request.body))
    match dice.randrange(4):
        case 0:
            body[at:at] = dice.choice(_ODD_BYTES)
        case 1:
            del body[at:]
        case 2 if at < len(body):
            body[at] = dice.randrange(256)
        case _:
            body[at:at] = dice.choice((b"[" * 300, b'{"a":' * 300, b"9" * 400, b" " * 5000))
    return replace(request, body=bytes(body))


def _mutate_query(request: RecordedRequest, dice: random.Random) -> RecordedRequest:
    """A query string without a parameter, with one twice, or with junk."""
    pieces = request.query.split("&")
    number = dice.randrange(len(pieces))
    odd = dice.choice(("%", "%ff", "key=%00", "=", "alt=xml", "a[]=1", "key", "$.xgafv=3", "x" * 3000, "é"))
    pieces[number : number + 1] = dice.choice(([], [pieces[number]] * 2, [pieces[number], odd], [odd]))
    return replace(request, query="&".join(pieces))


def _mutate_headers(request: RecordedRequest, dice: random.Random) -> RecordedRequest:
    """A header left out, or an unusual one."""
    headers = dict(request.headers)
    if headers and dice.random() < 0.3:
        del headers[dice.choice(sorted(headers))]
    unusual = {
        "Content-Encoding": dice.choice(("gzip", "br", "identity", "x")),
        "Accept": dice.choice(("text/html", "application/xml", "", "*/*;q=0")),
        "Authorization": dice.choice(("Bearer", "Bearer x", "Basic !!!", "\x7f", "Bearer " + "k" * 4000)),
        "Host": dice.choice(("a b", "..", "x" * 300, "rest.akismet.com", "[::1", "user@host")),
        "Origin": dice.choice(("null", "https://", "https://other.example", "x")),
        "X-Goog-Api-Key": dice.choice(("", "x", "cm_sk_x_y")),
        "Accept-Language": "xx-invalid",
    }
    name = dice.choice(sorted(unusual))
    return replace(request, headers=headers | {name: unusual[name]})


def _mutate_kind(request: RecordedRequest, dice: random.Random) -> RecordedRequest:
    """Another content type for the same body."""
    return replace(request, kind=dice.choice(_ODD_KINDS))


def _mutate_method(request: RecordedRequest, dice: random.Random) -> RecordedRequest:
    """Another method."""
    return replace(request, method=dice.choice(("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE")))


def _mutate_path(request: RecordedRequest, dice: random.Random) -> RecordedRequest:
    """The path with an end that nobody serves."""
    return replace(
        request, path=request.path + dice.choice(("/", "x", ":", "%00", "/../x", "//", "é", ".json"))
    )


_MUTATIONS = (
    *[("value", _mutate_value)] * 6,
    *[("key", _mutate_key)] * 4,
    *[("bytes", _mutate_bytes)] * 3,
    *[("query", _mutate_query)] * 2,
    ("headers", _mutate_headers),
    ("kind", _mutate_kind),
    ("method", _mutate_method),
    ("path", _mutate_path),
)
