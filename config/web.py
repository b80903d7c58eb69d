"""What the web server runs: the shell around Django. `granian --interface rsgi config.web:app`."""

import os

# Before the settings are read: the threads of this process share a pool of connections.
os.environ.setdefault("DATABASE_POOL_SIZE", os.environ.get("WEB_THREADS") or "8")

from django.conf import settings
from django.urls import get_resolver
from django.utils.module_loading import import_string

from config.shell import Shell
from config.wsgi import application

app = Shell(
    application,
    threads=settings.WEB_THREADS,
    fast_answer=import_string(settings.FAST_ANSWER) if settings.FAST_ANSWER else None,
)
# The first reader should not wait for imports.
_ = get_resolver().url_patterns
