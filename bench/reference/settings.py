"""The product's database and nothing else of it."""

from config.settings import base as product

DATABASES = product.DATABASES
DEFAULT_AUTO_FIELD = product.DEFAULT_AUTO_FIELD
USE_TZ = product.USE_TZ
WEB_THREADS = product.WEB_THREADS
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["bench.reference"]
ROOT_URLCONF = "bench.reference.views"
SECRET_KEY = "of-no-use-here"
STATIC_FILE = product.BASE_DIR / "moderation" / "static" / "embed" / "comments.css"
