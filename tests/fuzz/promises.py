"""What the API's description promises in words and an OpenAPI tool does not read."""

from collections.abc import Mapping

import orjson
from jsonschema.exceptions import ValidationError

from tests.api.calls import Answer, check_answer


def find_broken_promise(
    method: str, path: str, status: int, headers: Mapping[str, str], raw: bytes
) -> str | None:
    """What is wrong with an answer of the API: its headers, its shape, a code that is not documented."""
    if not path.startswith("/api/v1/") or path.startswith("/api/v1/sites//"):
        return None
    body = orjson.loads(raw) if raw and "json" in headers.get("Content-Type", "") else None
    try:
        check_answer(method, path, Answer(status, headers, raw, body))
    except (AssertionError, KeyError) as broken:
        return f"{type(broken).__name__}: {broken}\n{raw[:500]!r}"
    except ValidationError as misfit:
        return f"{misfit.message}\n{raw[:500]!r}"
    return None
