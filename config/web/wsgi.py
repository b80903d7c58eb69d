"""Django as a WSGI application; `config/web/shell.py` calls it, and any other WSGI server may."""

import os
from collections.abc import Iterable, Sequence
from typing import Any

import django
from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")

API_PREFIX = "/api/v1/"
# Readers' data needs no more than the API; see moderation/embed/answers.py.
READERS_DATA = ("/thread.json", "/counts.json")
# What clients of other services call, wherever they are pointed at; see moderation/compat/urls.py.
COMPAT_PREFIXES = (
    "/v1alpha1/",
    "/$discovery/",
    "/discovery/",
    "/1.1/",
    "/1.2/",
    "/v1/moderations",
    "/compat/",
)


class Utf8Request(WSGIRequest):
    """Reads UTF-8, whatever charset a client names.

    Django's own request believes the header: `charset=base64` with any query string makes it fail while the
    request is being built, outside of all error handling.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))


class Utf8Handler(WSGIHandler):
    """Django's handler with requests of our own, behind the middleware that pages need."""

    request_class = Utf8Request


class LightHandler(Utf8Handler):
    """The same behind a list of middleware of its own: no session, no cookie, no form."""

    def __init__(self, middleware: Sequence[str]) -> None:
        self._paths = middleware
        super().__init__()

    def load_middleware(self, is_async: bool = False) -> None:
        """Build the chain from a list of its own: Django's reads `settings.MIDDLEWARE` alone.

        These middlewares are synchronous and have only the hook around the whole request.
        """
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        handler: Any = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]
        for path in reversed(self._paths):
            handler = convert_exception_to_response(import_string(path)(handler))
        self._middleware_chain = handler


class CompatRequest(Utf8Request):
    """Finds its view among the compatible services alone: they are called most and stand last elsewhere."""

    urlconf = settings.COMPAT_URLCONF


class CompatHandler(LightHandler):
    """The light handler for the services that `moderation/compat/` stands in for."""

    request_class = CompatRequest


class Application:
    """Passes a request to the handler of its kind."""

    def __init__(self) -> None:
        self._pages = Utf8Handler()
        self._api = LightHandler(settings.API_MIDDLEWARE)
        self._compat = CompatHandler(settings.COMPAT_MIDDLEWARE)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request by WSGI (PEP 3333)."""
        return self._handler_of(environ.get("PATH_INFO", ""))(environ, start_response)

    def _handler_of(self, path: str) -> Utf8Handler:
        if path.startswith(API_PREFIX) or path.endswith(READERS_DATA):
            return self._api
        return self._compat if path.startswith(COMPAT_PREFIXES) else self._pages


django.setup(set_prefix=False)
application = Application()
