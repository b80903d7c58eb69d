"""What granian runs: `bench.reference.app:app` in the place of `config.web.app:app`."""

from pathlib import Path

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.urls import get_resolver

from bench.reference.settings import STATIC_FILE
from config.database import keep_connections
from config.web.shell import Connection, RequestScope, Shell

django.setup(set_prefix=False)


def _prepare() -> None:
    from bench.reference.models import make_table  # models need the set-up

    make_table()
    _ = get_resolver().url_patterns


_prepare()
keep_connections()  # as config/web/app.py does
shell = Shell(WSGIHandler(), threads=settings.WEB_THREADS)


class WithFile:
    """The shell, and before it `/file`: a file that granian sends by itself, without Django."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._headers = [("content-type", "text/css"), ("content-length", str(path.stat().st_size))]

    async def __rsgi__(self, scope: RequestScope, connection: Connection) -> None:
        """Answer one request."""
        if scope.path == "/file":
            connection.response_file(200, self._headers, self._path)
        else:
            await shell.__rsgi__(scope, connection)


app = WithFile(STATIC_FILE)
