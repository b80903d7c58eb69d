"""`python -m config.web.healthcheck`: whether the web server of this container answers. For compose files."""

import os
import sys
import urllib.request
from urllib.parse import urlsplit


def main() -> int:
    """0 when `/livez` answers; the Host header is that of PUBLIC_URL, as ALLOWED_HOSTS refuses others."""
    host = urlsplit(os.environ.get("PUBLIC_URL", "")).hostname or "127.0.0.1"
    port = os.environ.get("PORT", "8000")
    request = urllib.request.Request(f"http://127.0.0.1:{port}/livez", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=5):  # noqa: S310 - our own address
            return 0
    except OSError:
        return 1


if __name__ == "__main__":
    sys.exit(main())
