"""Django's settings of the scoring server (`run.py score`), which has neither database nor broker.

They do not stand on `base.py`: that asks for servers and secrets which this server does without, and writes
into `var/`. What both need comes from the same places.
"""

import base64
import secrets
from pathlib import Path

from config.settings.env import KEY_BYTES, Environment, read_environment
from moderation.compat.score_keys import ScoreKeyRing
from moderation.privacy.logs import build_logging

BASE_DIR = Path(__file__).resolve().parents[2]
env = Environment(read_environment(BASE_DIR / ".env"))

# -- Keys ---------------------------------------------------------------------------------------------
_default_file = env.folder("VAR_DIR", BASE_DIR / "var") / "score-keys.txt"
SCORE_KEYS_FILE = Path(env.text("SCORE_KEYS_FILE", str(_default_file)))
SCORE_KEYS = env.text("SCORE_KEYS")
SCORE_KEY_RING = ScoreKeyRing(SCORE_KEYS_FILE, SCORE_KEYS)

# -- Nothing is kept: these sign and hash only what does not outlive the process --------------------------
SECRET_KEY = secrets.token_urlsafe(50)
EMAIL_INDEX_KEY = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
EMAIL_INDEX_KEY_FALLBACKS: list[str] = []

# -- No servers: whatever asked the database would fail at once --------------------------------------------
DATABASES = {"default": {"ENGINE": "django.db.backends.dummy"}}
REDIS_URL = ""

# -- Django ---------------------------------------------------------------------------------------------
DEBUG = False
USE_TZ = True
PUBLIC_URL = env.url("PUBLIC_URL", ("http", "https")).rstrip("/")  # where the discovery document leads
ALLOWED_HOSTS = ["*"]  # no host is read: clients send any
INSTALLED_APPS = [  # the models name accounts and their second factors; no table is there
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "moderation",
]
MIDDLEWARE: list[str] = []
COMPAT_MIDDLEWARE = ["config.web.request_ids.give_request_ids"]
API_MIDDLEWARE = COMPAT_MIDDLEWARE
ROOT_URLCONF = COMPAT_URLCONF = "config.score.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 128 * 1024
WEB_THREADS = env.number("WEB_THREADS", 8, least=1, most=64)
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0, least=0, most=10)
KEY_MEMORY_S = 1.0
SCORE_CALLS_PER_MINUTE = env.number("SCORE_CALLS_PER_MINUTE", 0, least=0, most=1_000_000)
LOGGING = build_logging(
    json=env.choice("LOG_FORMAT", ("json", "text")) == "json",
    level=env.choice("LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR")),
)
