"""Headers of static files, besides those that every answer has."""

from collections.abc import MutableMapping

from moderation.lib.page_headers import CORP, EVERY_SITE


def share_embedded_files(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """Let pages of all sites load the component's modules and styles. WhiteNoise calls it for each file."""
    if url.startswith("/static/embed/"):
        headers[CORP] = EVERY_SITE
