"""Django as a WSGI application; `config/shell.py` calls it, and any other WSGI server may."""

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class Utf8Request(WSGIRequest):
    """Reads UTF-8, whatever charset a client names.

    Django's own believes the header: `charset=base64` with any query string makes it fail while the
    request is being built, where nothing answers for it.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))


class Utf8Handler(WSGIHandler):
    """Django's handler with requests of our own."""

    request_class = Utf8Request


django.setup(set_prefix=False)
application = Utf8Handler()
