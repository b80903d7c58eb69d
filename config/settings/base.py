"""Django's settings: the same for development, tests and production, which differ by the environment.

Every variable is listed in `.env.example`.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environ import Env

from config.local import servers, valkey
from config.local.postgres import DATABASE, ROLE
from config.settings.env import Environment, read_environment
from config.settings.secrets import development_secrets
from config.web.static_headers import share_embedded_files
from moderation.privacy.logs import build_logging

BASE_DIR = Path(__file__).resolve().parents[2]
env = Environment(read_environment(BASE_DIR / ".env"))

# -- Where we are ---------------------------------------------------------------------------------
IS_PRODUCTION = env.choice("DJANGO_ENV", ("development", "production")) == "production"
DEBUG = env.flag("DEBUG", default=False)
VAR_DIR = env.folder("VAR_DIR", BASE_DIR / "var")
# In development `manage.py serve` stores its address here.
ADDRESS_FILE = VAR_DIR / "address"
_address = ADDRESS_FILE.read_text() if ADDRESS_FILE.is_file() else "http://127.0.0.1:8000"
GIVEN_PUBLIC_URL = env.url("PUBLIC_URL", ("http", "https")).rstrip("/")
PUBLIC_URL = GIVEN_PUBLIC_URL or ("" if IS_PRODUCTION else _address.rstrip("/"))
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS") or ([] if IS_PRODUCTION else ["*"])
# The number of our own proxies in front; each appends one address to X-Forwarded-For.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0, least=0, most=10)

# -- Secrets --------------------------------------------------------------------------------------
SECRET_KEY = env.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
EMAIL_KEYS = env.keys("EMAIL_KEYS")  # newest first; each opens what it has sealed
EMAIL_INDEX_KEY = env.key("EMAIL_INDEX_KEY")
EMAIL_INDEX_KEY_FALLBACKS = env.plain_keys("EMAIL_INDEX_KEY_FALLBACKS")  # for look-ups during a change
if not IS_PRODUCTION:
    _made = development_secrets(VAR_DIR)
    SECRET_KEY = SECRET_KEY or _made["SECRET_KEY"]
    EMAIL_KEYS = EMAIL_KEYS or _made["EMAIL_KEYS"]
    EMAIL_INDEX_KEY = EMAIL_INDEX_KEY or _made["EMAIL_INDEX_KEY"]

# -- Database -------------------------------------------------------------------------------------
DATABASE_URL = env.url("DATABASE_URL", ("postgres", "postgresql"))
TRANSACTION_TIMEOUT_MS = env.number("TRANSACTION_TIMEOUT_MS", 4_000, least=0, most=3_600_000)
WEB_THREADS = env.number("WEB_THREADS", 8, least=1, most=64)
_database: dict[str, Any] = (
    Env.db_url_config(DATABASE_URL)
    if DATABASE_URL
    else {"NAME": DATABASE, "USER": ROLE, "HOST": str(servers.database_socket_folder(VAR_DIR))}
)
_options: dict[str, Any] = {
    **_database.get("OPTIONS", {}),
    "connect_timeout": 3,
    # Data is in memory or on a disk without seek times: random reads cost little more than sequential ones.
    "options": "-c lock_timeout=2000 -c random_page_cost=1.1",
    "application_name": "moderation",
    "server_side_binding": True,
    "prepare_threshold": 3,  # uses of a statement after which the server keeps its plan
}
DATABASES = {
    "default": {
        **_database,
        "ENGINE": "config.database",
        "OPTIONS": _options,
        "TRANSACTION_TIMEOUT_MS": TRANSACTION_TIMEOUT_MS,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- Broker: wake-ups and rate buckets, nothing whose loss matters -----------------------------------
REDIS_URL = env.url("REDIS_URL", ("redis", "rediss", "unix"))
HAS_PRIVATE_BROKER = not REDIS_URL and not IS_PRODUCTION and valkey.binary() is not None
if HAS_PRIVATE_BROKER:
    REDIS_URL = f"unix://{servers.broker_socket(VAR_DIR)}?db=0"
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 0.5,  # workers raise it, see config/celery.py
    "socket_connect_timeout": 0.5,
    "socket_keepalive": True,
    "health_check_interval": 10,
}
CELERY_BROKER_CONNECTION_TIMEOUT = 1.0
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever
CELERY_BROKER_CHANNEL_ERROR_RETRY = True  # a failover answers READONLY on a channel
CELERY_TASK_PUBLISH_RETRY = False  # a wake-up that cannot be sent is skipped, because run_jobs looks anyway
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "local"  # each kind of job names its own, see moderation/flow/jobs/kinds.py
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 300_000  # kB
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_CONSUMER = "config.consumer:QuickConsumer"
CELERY_TIMEZONE = "UTC"

# -- Applications -----------------------------------------------------------------------------------
INSTALLED_APPS = [
    "config",
    "moderation",
    "django.contrib.admin.apps.SimpleAdminConfig",  # our site registers its own pages only
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "csp",
]
MIDDLEWARE = [
    "config.web.answer_headers.add_missing_headers",
    "config.web.request_ids.give_request_ids",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",  # last, because it turns a lock-out into an answer
]
# For /api/v1/, see config/web/wsgi.py: the API uses no session, no cookie and no form.
API_MIDDLEWARE = [
    "config.web.request_ids.give_request_ids",
    "django.middleware.security.SecurityMiddleware",
    "config.web.api_requests.check_host",
]
# For the services that moderation/compat/ stands in for. Their clients send any host name, some of them keys
# in it, and some know no https: neither is checked.
COMPAT_MIDDLEWARE = ["config.web.request_ids.give_request_ids"]
COMPAT_URLCONF = "config.compat_urls"
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.web.wsgi.application"
# For so long a key that was valid is not looked up again: a revoked one is refused within this time.
KEY_MEMORY_S = 1.0
# Functions that answer from memory before Django is asked (moderation.lib.answer.FastAnswer).
FAST_ANSWERS = [
    "moderation.embed.fast.answer_fast",
    "moderation.api.fast.answer_fast",
    "moderation.embed.scripts.answer_fast",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ]
        },
    }
]

# -- Accounts and sessions --------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
REQUIRE_SECOND_FACTOR = env.flag("REQUIRE_SECOND_FACTOR", default=IS_PRODUCTION)
OTP_TOTP_ISSUER = "Comment moderation"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # both, so that one attacker cannot lock everybody out
AXES_CLIENT_IP_CALLABLE = "config.web.client_address.client_address"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True  # failures are needed for the lock-out; a log of all logins is not
AXES_LOCKOUT_CALLABLE = "moderation.admin.accounts.answer_lock_out"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
# Lax, not Strict: a link in a mail opens the page it names instead of the log-in. Other sites' POSTs come
# without the cookie all the same, and no GET changes anything (tests/security/test_no_change_by_get.py).
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = IS_PRODUCTION
SESSION_COOKIE_NAME = "__Host-session" if IS_PRODUCTION else "session"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no cookie of their own
CSRF_COOKIE_HTTPONLY = True
# Lax like the session's: a GET without this cookie would set a new one and break forms in other tabs.
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = IS_PRODUCTION
CSRF_COOKIE_NAME = "__Host-csrf" if IS_PRODUCTION else "csrf"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []

# -- The browser's side of security -----------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],  # QR codes of the second factor
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = IS_PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]  # requested from inside, without TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if IS_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("HSTS_SUBDOMAINS", default=True) and IS_PRODUCTION
# security.W021 asks to have the host built into browsers: a decision for the whole domain, not for this
# service.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 128 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

# -- REST API ---------------------------------------------------------------------------------------
REST_FRAMEWORK: dict[str, Any] = {
    # `ApiView.dispatch` identifies callers and answers errors; `allow` names the scopes of each method.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["moderation.api.rendering.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": [],  # bodies go through moderation.api.parser
    "UNAUTHENTICATED_USER": None,
}

# -- Language and time --------------------------------------------------------------------------------
# The language of the admin, of the API and of pages that name none. Readers' pages name theirs, one by one:
# moderation/embed/language.py. docs/languages.md tells how to add one.
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "français"),
    ("es", "español"),
    ("ar", "العربية"),
    ("he", "עברית"),
    ("ru", "русский"),
    ("zh-hans", "简体中文"),
    ("ja", "日本語"),
    ("pt", "português"),
]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# -- Static files -----------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles" if IS_PRODUCTION else None  # the target of collectstatic
WHITENOISE_USE_FINDERS = not IS_PRODUCTION  # serves them without collectstatic
WHITENOISE_MAX_AGE = 3600 if IS_PRODUCTION else 0
WHITENOISE_ADD_HEADERS_FUNCTION = share_embedded_files
_STATIC_STORAGE = (
    "whitenoise.storage.CompressedManifestStaticFilesStorage"
    if IS_PRODUCTION
    else "django.contrib.staticfiles.storage.StaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _STATIC_STORAGE},
}

# -- Mail -------------------------------------------------------------------------------------------
EMAIL_URL = env.url("EMAIL_URL", ("smtp", "smtp+tls", "smtp+ssl", "consolemail"))
DEFAULT_FROM_EMAIL = env.text(
    "DEFAULT_FROM_EMAIL", f"comments@{urlsplit(PUBLIC_URL).hostname or 'localhost'}"
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 10
if EMAIL_URL:
    vars().update(Env.email_url_config(EMAIL_URL))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"

# -- Remote checks ------------------------------------------------------------------------------------
# The only servers to which a site's people may have comments sent.
REMOTE_CHECK_ORIGINS = env.origins("REMOTE_CHECK_HOSTS", "rest.akismet.com, api.openai.com")

# -- Compatible services ------------------------------------------------------------------------------
# How many texts one key may have scored in a minute; 0 for any number.
SCORE_CALLS_PER_MINUTE = env.number("SCORE_CALLS_PER_MINUTE", 0, least=0, most=1_000_000)

# -- Logs -------------------------------------------------------------------------------------------
LOG_LEVEL = env.choice("LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR"))
LOG_FORMAT = env.choice("LOG_FORMAT", ("json", "text"))
METRICS_TOKEN = env.text("METRICS_TOKEN")  # without it, /metrics answers only this machine
LOGGING = build_logging(json=LOG_FORMAT == "json", level=LOG_LEVEL)

# -- Tests of the service itself ----------------------------------------------------------------------
# The folder of moderation/lib/failpoints.py; config/apps.py switches them on.
FAILPOINTS = env.text("FAILPOINTS")
if IS_PRODUCTION and FAILPOINTS:
    raise ImproperlyConfigured("FAILPOINTS ends processes on purpose: DJANGO_ENV=production refuses it.")

# -- What production must give ------------------------------------------------------------------------
_REQUIRED = {
    "SECRET_KEY": SECRET_KEY,
    "EMAIL_KEYS": EMAIL_KEYS,
    "EMAIL_INDEX_KEY": EMAIL_INDEX_KEY,
    "ALLOWED_HOSTS": ALLOWED_HOSTS,
    "PUBLIC_URL": PUBLIC_URL,
    "DATABASE_URL": DATABASE_URL,
}
_missing = [name for name, value in _REQUIRED.items() if not value]
if IS_PRODUCTION and _missing:
    raise ImproperlyConfigured(
        f"DJANGO_ENV=production needs {', '.join(_missing)} in the environment; see .env.example."
    )
