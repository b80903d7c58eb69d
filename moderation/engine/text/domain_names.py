"""Host names: what they are registered under, and sets of them."""

from collections.abc import Iterable
from functools import cache, lru_cache

from publicsuffixlist import PublicSuffixList


@cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)


@lru_cache(maxsize=4096)
def registrable_domain(host: str) -> str | None:
    """`example.co.uk` of `a.b.example.co.uk`; None for an address, a suffix or an unknown ending."""
    return _public_suffixes().privatesuffix(host.lower().rstrip("."))


def has_public_suffix(host: str) -> bool:
    """Whether `host` ends in a suffix under which people register names."""
    return registrable_domain(host) is not None


def clean_domain(entry: str) -> str:
    """A list's entry as a bare lower-case host: no scheme, no path, no `www.` or `*.`."""
    host = entry.strip().lower()
    host = host.split("://", 1)[-1].split("/", 1)[0].split(":", 1)[0].rstrip(".")
    return host.removeprefix("*.").removeprefix("www.")


class DomainSet:
    """Domains, each with all its subdomains."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._domains = frozenset(filter(None, map(clean_domain, entries)))

    def __len__(self) -> int:
        return len(self._domains)

    def match(self, host: str) -> str | None:
        """The listed domain that covers `host`, the most specific one."""
        labels = clean_domain(host).split(".")
        for index in range(len(labels)):
            candidate = ".".join(labels[index:])
            if candidate in self._domains:
                return candidate
        return None
