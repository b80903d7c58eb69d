"""`python -m config.web.healthcheck`: whether the web server of this container answers. For compose files."""

import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from config.settings.env import Environment, read_environment


def main() -> int:
    """0 when `/livez` answers; the Host header is that of PUBLIC_URL, as ALLOWED_HOSTS refuses others."""
    env = Environment(read_environment(Path(__file__).resolve().parent.parent / ".env"))
    host = urlsplit(env.text("PUBLIC_URL")).hostname or "127.0.0.1"
    port = env.number("PORT", 8000, least=1, most=65_535)
    request = urllib.request.Request(f"http://127.0.0.1:{port}/livez", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=5):  # noqa: S310 - our own address
            return 0
    except OSError:
        return 1


if __name__ == "__main__":
    sys.exit(main())
