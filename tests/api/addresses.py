"""The addresses of the API as their views declare them, for tests that try every one."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from moderation.api.openapi import Operation
from moderation.api.view import MethodAccess
from moderation.models import Comment, Decision


class Named(Protocol):
    """What addresses name."""

    @property
    def held(self) -> Comment: ...
    @property
    def decision(self) -> Decision: ...


def patterns_of_api() -> list[URLPattern]:
    """Everything under `/api/`."""
    resolvers: list[Any] = get_resolver().url_patterns
    (api,) = [resolver for resolver in resolvers if getattr(resolver, "namespace", None) == "api"]
    patterns = list(api.url_patterns)
    assert not [pattern for pattern in patterns if isinstance(pattern, URLResolver)]
    return patterns


def open_methods(pattern: URLPattern) -> dict[str, MethodAccess]:
    """The methods that an address takes, each with what it asks of the caller."""
    return {name.upper(): method.allowance for name, method in _methods(pattern)}


def declared_example(pattern: URLPattern, method: str) -> Mapping[str, Any] | None:
    """The body that the documentation gives as an example; None where the method takes none."""
    operation: Operation = dict(_methods(pattern))[method.lower()].operation
    return operation.example if operation.takes else None


def path_of(pattern: URLPattern, named: Named) -> str:
    """The path of an address, with the ids of what is `named`. Raises `KeyError` for ids of other things."""
    known: dict[str, UUID] = {
        "comment_id": named.held.id,
        "thread_id": named.held.thread_id,
        "decision_id": named.decision.id,
    }
    return reverse(f"api:{pattern.name}", kwargs={name: known[name] for name in pattern.pattern.converters})


def _methods(pattern: URLPattern) -> Iterator[tuple[str, Any]]:
    view: Any = pattern.callback
    for name in vars(view.cls):
        method = getattr(view.cls, name)
        if hasattr(method, "allowance"):
            yield name, method
