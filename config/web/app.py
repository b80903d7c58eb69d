"""The web server's application: the shell around Django. `granian --interface rsgi config.web.app:app`."""

import gc

from django.conf import settings
from django.urls import get_resolver
from django.utils.module_loading import import_string

from config.database import keep_connections
from config.web.shell import Shell, first_of
from config.web.wsgi import application
from moderation.compat.loading import load_in_background
from moderation.flow.jobs import wake_in_background

keep_connections()
wake_in_background()
load_in_background()

app = Shell(
    application,
    threads=settings.WEB_THREADS,
    fast_answer=first_of([import_string(name) for name in settings.FAST_ANSWERS]),
)
# The first reader should not wait for imports.
_ = get_resolver().url_patterns
# What is loaded by now stays, so the garbage collector need not visit it again and again.
gc.freeze()
gc.set_threshold(2_000, 10, 10)
