"""The scoring server's application. `granian --interface rsgi config.score.app:app`."""

import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.score")

from django.conf import settings
from django.urls import get_resolver

from config.web.shell import Shell
from config.web.wsgi import application
from moderation.compat.loading import load_engine

app = Shell(application, threads=settings.WEB_THREADS)
# The first request should wait neither for imports nor for models.
_ = get_resolver().url_patterns
load_engine()
gc.set_threshold(2_000, 10, 10)
