"""What granian runs: `bench.reference.app:app` in the place of `config.web.app:app`."""

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.urls import get_resolver

from config.database import keep_connections
from config.web.shell import Shell

django.setup(set_prefix=False)


def _prepare() -> None:
    from bench.reference.models import make_table  # models need the set-up

    make_table()
    _ = get_resolver().url_patterns


_prepare()
keep_connections()  # as config/web/app.py does
app = Shell(WSGIHandler(), threads=settings.WEB_THREADS)
