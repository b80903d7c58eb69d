"""An HTTP response that is ready to be sent: what a page cache gives to the server shell."""

from typing import NamedTuple, Protocol


class Answer(NamedTuple):
    """Status, headers and the whole body. Headers may repeat a name."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class RequestHeaders(Protocol):
    """Read access to a request's headers; names are in lower case."""

    def get(self, key: str, default: str | None = None, /) -> str | None:
        """The first value of `key`."""


class FastAnswer(Protocol):
    """Answers a request from memory, or returns None to let Django answer it. Must never block."""

    def __call__(self, method: str, path: str, query: str, headers: RequestHeaders) -> Answer | None:
        """The response, if it is in memory."""
