"""The settings of the tests: the real ones with temporary servers, cheap passwords and mail in memory."""

import os
from pathlib import Path
from urllib.parse import urlsplit

# Set before the settings are read. The first process decides; pytest-xdist's workers and the services that
# tests start inherit it.
os.environ.setdefault("VAR_DIR", str(Path(__file__).resolve().parents[2] / "var" / f"test-{os.getpid()}"))

from config.settings.base import *
from config.settings.base import DATABASES, REDIS_URL

_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if _worker.startswith("gw"):  # one broker database each, as for PostgreSQL
    _number = int(_worker.removeprefix("gw")) + 1
    _server = urlsplit(REDIS_URL)
    if _server.scheme == "unix":
        REDIS_URL = f"unix://{_server.path}?db={_number}"
        CELERY_BROKER_URL = f"redis+socket://{_server.path}?virtual_host={_number}"
    else:
        CELERY_BROKER_URL = REDIS_URL = _server._replace(path=f"/{_number}").geturl()

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
AXES_ENABLED = False  # the tests of the lock-out switch it on
ALLOWED_HOSTS = ["*"]
DATABASES["default"]["TRANSACTION_TIMEOUT_MS"] = 0  # a whole test may be one transaction
# What a test changes acts at once; tests of the memory of keys set their own.
KEY_MEMORY_S = 0.0
