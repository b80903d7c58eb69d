"""Host names: their registrable domains, and sets of domains."""

from collections.abc import Iterable
from functools import cache, lru_cache

from publicsuffixlist import PublicSuffixList


@cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)


@lru_cache(maxsize=4096)
def registrable_domain(host: str) -> str | None:
    """The registrable domain of `host`: `example.co.uk` for `a.b.example.co.uk`.

    None for an IP address, and for a host that is a public suffix or has none.
    """
    return _public_suffixes().privatesuffix(host.lower().rstrip("."))


def has_public_suffix(host: str) -> bool:
    """Whether `host` is below a public suffix, under which people can register names."""
    return registrable_domain(host) is not None


def clean_domain(entry: str) -> str:
    """An entry of a list as a bare lower-case host, without scheme, port, path, `www.` or `*.`."""
    host = entry.strip().lower()
    host = host.split("://", 1)[-1].split("/", 1)[0].split(":", 1)[0].rstrip(".")
    return host.removeprefix("*.").removeprefix("www.")


class DomainSet:
    """A set of domains, each of which covers all its subdomains."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._domains = frozenset(filter(None, map(clean_domain, entries)))

    def __len__(self) -> int:
        return len(self._domains)

    def match(self, host: str) -> str | None:
        """The most specific domain of the set that covers `host`; None without one."""
        labels = clean_domain(host).split(".")
        for index in range(len(labels)):
            candidate = ".".join(labels[index:])
            if candidate in self._domains:
                return candidate
        return None
