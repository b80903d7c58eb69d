"""Finds the links in a text: full URLs, `www.` hosts and bare domains."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from moderation.engine.text.domain_names import DomainSet, has_public_suffix
from moderation.language.fold.normalise import fold_characters

_HOST = r"(?:[\w-]{1,63}\.){1,8}[^\W\d_][\w-]{1,62}"
_TAIL = r"[^\s<>\"'\])}\[]{0,2000}"
_LINK = re.compile(
    rf"(?:(?P<scheme>https?|hxxps?|ftp)\s?://(?P<full>(?:\[[0-9a-f:.]{{2,45}}\])?{_TAIL})"
    rf"|(?<![\w@./-])(?P<www>www\.{_HOST}(?::\d+)?(?:[/?#]{_TAIL})?)"
    rf"|(?<![\w@./-])(?P<bare>{_HOST})(?![\w@-])(?P<path>/{_TAIL})?)"
)
# A bare word.word counts as a link only with one of these top-level domains, or with a path after it:
# "great song.love it", "node.js" and "script.py" are not links.
_TYPED_ENDINGS = frozenset({
    "com", "net", "org", "info", "biz", "ru", "xyz", "top", "online", "site", "shop", "club", "app",
    "dev", "io", "de", "fr", "eu", "cn", "pl", "tk", "ml", "ga", "cf", "vip", "win", "bet", "live",
    "store", "space", "fun", "icu", "pro", "page", "link", "click", "blog", "tv", "uk", "us", "ly",
    "gl",
})  # fmt: skip
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\]|0x[0-9a-f]+|\d{8,10}")


@dataclass(frozen=True, slots=True)
class Link:
    """A link at `text[start:end]` of the original text.

    `host` is in lower case, with an internationalised name in ASCII form (xn--); `typed_host` is the host as
    it was typed.
    """

    start: int
    end: int
    host: str
    typed_host: str
    has_userinfo: bool = False

    @property
    def is_address(self) -> bool:
        """Whether the host is an IP address, in any notation."""
        return _ADDRESS.fullmatch(self.host) is not None


# Enough for the texts, websites and names of a batch, which are read when facts are gathered and by checks.
@lru_cache(maxsize=256)
def find_links(text: str) -> tuple[Link, ...]:
    """The links of `text` in order. Cached, because it is called for the same text by several callers."""
    folded = fold_characters(text)
    if "." not in folded.text and "://" not in folded.text:
        return ()
    links = []
    for match in _LINK.finditer(folded.text):
        rest = match.group("full") or match.group("www") or match.group("bare") or ""
        if match.group("bare") and not _is_typed_link(match.group("bare"), match.group("path")):
            continue
        authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
        userinfo, _, host_port = authority.rpartition("@")
        host = host_port if host_port.startswith("[") else host_port.split(":", 1)[0]
        span = folded.span(match.start(), match.end())
        typed = _typed_host(text[span.start : span.end], host)
        if host.strip("."):
            links.append(Link(span.start, span.end, _to_ascii(typed), typed, bool(userinfo)))
    return tuple(links)


def only_foreign(links: tuple[Link, ...], hosts: tuple[str, ...], allowed: DomainSet | None) -> list[Link]:
    """The links that lead neither to the site's own `hosts` nor to a domain that it allows."""
    own = DomainSet(hosts)
    return [
        link
        for link in links
        if own.match(link.host) is None and (allowed is None or allowed.match(link.host) is None)
    ]


def host_of(address: str) -> str:
    """The host of the contents of a website field; empty if there is none."""
    links = find_links(address if "://" in address or not address.strip() else f"http://{address.strip()}")
    return links[0].host if links else ""


def _is_typed_link(bare: str, path: str | None) -> bool:
    if path and len(path) > 1 and has_public_suffix(bare):
        return True
    labels = bare.split(".")
    return labels[-1] in _TYPED_ENDINGS and any(character.isalpha() for character in labels[-2])


def _typed_host(raw: str, folded_host: str) -> str:
    """The host as typed. If it has letters beyond ASCII, its folded form would be another domain."""
    if raw.isascii():
        return folded_host
    composed = unicodedata.normalize("NFKC", raw)
    visible = "".join(c for c in composed if unicodedata.category(c) not in ("Cf", "Cs", "Cc"))
    host = visible.lower().split("://", 1)[-1]
    return re.split(r"[/?#\\:]", host, maxsplit=1)[0].rpartition("@")[2]


def _to_ascii(host: str) -> str:
    host = host.strip(".")
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host
