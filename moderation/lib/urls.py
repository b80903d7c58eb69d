"""URLs: parsed strictly, written in a canonical spelling, never fetched."""

import ipaddress
import re
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

import idna

DEFAULT_PORTS = {"http": 80, "https": 443}
_ASCII_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
_LONGEST_HOST = 253  # RFC 1035; also keeps IDNA's cost down
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\xa0\\\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]")
_BARE = re.compile(r"[^/:?#@\s]+\.[^/:?#@\s]+(:\d{1,5})?([/?#].*)?", re.DOTALL)
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# Tracking parameters, which do not identify the page: https://url.spec.whatwg.org does not define them, these
# are the ones that newsletters, advertisements and social networks append.
_CAMPAIGN = re.compile(r"utm_\w+|fbclid|gclid|dclid|msclkid|mc_cid|mc_eid|igshid|yclid", re.IGNORECASE)
# Newsletters put their reader's address into links; a page's URL is shown to everybody.
_MAILBOX = re.compile(r"[^@\s]@[^@\s.]+\.[^@\s]")


def ascii_host(host: str) -> str:
    """`host` in lower case and Punycode; IPv6 in brackets. Raises ValueError for anything that cannot be a
    host.
    """
    if ":" in host:
        return f"[{ipaddress.IPv6Address(host.strip('[]')).compressed}]"
    if not host or len(host) > _LONGEST_HOST:
        raise ValueError("no host, or one too long")
    plain = host.lower() if host.isascii() else idna.encode(host, uts46=True).decode()
    if not _ASCII_HOST.fullmatch(plain):
        raise ValueError("no valid host")
    return plain.rstrip(".")


def clean_url(url: str) -> str:
    """`url` re-serialised: http or https, no user, valid host and port, percent-encoded.

    Raises ValueError for any other URL. The host is not looked up, so it may be a private one.
    """
    if _UNSAFE.search(url):
        raise ValueError("spaces, controls or backslashes")
    parts = urlsplit(url)
    if parts.scheme not in DEFAULT_PORTS or "@" in parts.netloc:
        raise ValueError("not http or https, or with a user")
    tail = quote_part(parts.path, "/") or "/"
    tail += f"?{quote_part(parts.query, '/?')}" if parts.query else ""
    tail += f"#{quote_part(parts.fragment, '/?')}" if parts.fragment else ""
    return f"{parts.scheme}://{_host_and_port(parts)}{tail}"


def complete_url(typed: str) -> str:
    """Prefix `https://` to a URL that a person typed without it; leave anything else unchanged."""
    return f"https://{typed}" if _BARE.fullmatch(typed) else typed


def canonical_url(url: str) -> str:
    """The canonical URL of a page: without fragment, tracking parameters, email addresses and dot segments.

    Raises ValueError.
    """
    parts = urlsplit(clean_url(url.strip()))
    query = "&".join(piece for piece in parts.query.split("&") if piece and not _is_readers(piece))
    return f"{parts.scheme}://{parts.netloc}{_without_dots(parts.path)}" + (f"?{query}" if query else "")


def canonical_or_none(url: str) -> str | None:
    """`canonical_url`, or None for an unusable URL."""
    try:
        return canonical_url(url)
    except ValueError:
        return None


def host_of(url: str) -> str:
    """`example.org`, or `example.org:8080` if the port is not the default. Raises ValueError."""
    return urlsplit(clean_url(url.strip())).netloc


def quote_part(text: str, also: str) -> str:
    """Percent-encode what is not allowed in this part, including quotes, with one spelling per escape."""
    text = _STRAY_PERCENT.sub("%25", text)
    text = _ESCAPE.sub(lambda found: _one_spelling(found[0]), text)
    return quote(text, safe=also + "%:@!$&()*+,;=~", errors="surrogatepass")


def _host_and_port(parts: SplitResult) -> str:
    host = ascii_host(parts.hostname or "")
    port = parts.port  # raises ValueError above 65535
    if parts.netloc.endswith(":") or port in (None, DEFAULT_PORTS[parts.scheme]):
        return host
    if port == 0:
        raise ValueError("no such port")
    return f"{host}:{port}"


def _one_spelling(escape: str) -> str:
    letter = chr(int(escape[1:], 16))
    return letter if letter in _UNRESERVED else escape.upper()


def _is_readers(piece: str) -> bool:
    """Whether a part of a query describes the reader or where they came from, and not the page."""
    name = parse_qsl(piece, keep_blank_values=True)
    is_campaign = bool(name) and _CAMPAIGN.fullmatch(name[0][0]) is not None
    return is_campaign or _MAILBOX.search(unquote(unquote(piece))) is not None


def _without_dots(path: str) -> str:
    """RFC 3986, section 5.2.4, for absolute paths."""
    kept: list[str] = []
    pieces = path.split("/")[1:]
    for piece in pieces:
        if piece == "..":
            del kept[-1:]
        elif piece != ".":
            kept.append(piece)
    if pieces[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)
