"""Origins: scheme, host and port in a canonical spelling, for comparison with an allow-list."""

from urllib.parse import urlsplit

from moderation.lib.urls import clean_url


def origin_of(url: str) -> str:
    """`https://example.org` or `http://127.0.0.1:8080`. Raises `ValueError` for other addresses."""
    parts = urlsplit(clean_url(url))
    return f"{parts.scheme}://{parts.netloc}"


def parse_origin(entry: str) -> str:
    """The origin that an operator configured; a bare host means https. Raises `ValueError`."""
    address = clean_base_url(entry if "://" in entry else f"https://{entry}")
    if urlsplit(address).path:
        raise ValueError("a path")
    return address


def clean_base_url(url: str) -> str:
    """A base URL to which paths are appended, without a trailing slash. Raises `ValueError`."""
    parts = urlsplit(clean_url(url.strip()))
    if parts.query or parts.fragment:
        raise ValueError("a query or a fragment")
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")
