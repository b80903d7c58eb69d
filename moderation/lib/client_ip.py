"""The client's address, trusted only as far as our own proxies set it."""

import ipaddress
import re
import socket

_WITH_PORT = re.compile(r"(?:\[(?P<v6>[^\]]+)\]|(?P<v4>[0-9.]+))(?::\d{1,5})?")


def client_ip(remote_addr: str, forwarded_for: str, *, trusted_proxies: int) -> str:
    """The client's address from `REMOTE_ADDR` and `X-Forwarded-For`, or "" if there is none.

    Each proxy appends the address of its own client, so the list is read from the right: with N trusted
    proxies the Nth entry from the right is the client, and everything left of it may be forged. If an entry
    is not an address, the nearest one to its right counts.
    """
    believed = _split(forwarded_for)[-trusted_proxies:] if trusted_proxies > 0 else []
    client = _clean(remote_addr)
    for entry in reversed(believed):
        address = _clean(entry)
        if not address:
            break
        client = address
    return client


def household(address: str) -> str:
    """The first address of a household's IPv6 network (/64); any other address as it is."""
    return first_of_network(address, v4=32, v6=64) if address else ""


def network_of(address: str, *, v4: int, v6: int) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """The network with this prefix length that an address is in. Raises ValueError for anything else."""
    found = _parse(address)
    if isinstance(found, ipaddress.IPv4Address):
        return ipaddress.IPv4Network((int(found), v4), strict=False)
    return ipaddress.IPv6Network((int(found), v6), strict=False)  # also drops a zone id


def first_of_network(address: str, *, v4: int, v6: int) -> str:
    """The first address of `network_of`, without building the network, which costs several times as much."""
    number = _read_v4(address)
    if number is None:
        found = _parse(address)
        if isinstance(found, ipaddress.IPv6Address):
            return str(ipaddress.IPv6Address(int(found) >> 128 - v6 << 128 - v6))
        number = int(found)
    return socket.inet_ntop(socket.AF_INET, (number >> 32 - v4 << 32 - v4).to_bytes(4, "big"))


def _read_v4(text: str) -> int | None:
    """The number of an IPv4 address; None for any other text. A tenth of what `ipaddress` costs."""
    try:
        return int.from_bytes(socket.inet_pton(socket.AF_INET, text), "big")
    except (OSError, ValueError):
        return None


def _parse(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address; an IPv4 address mapped into IPv6 as the IPv4 address."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        return found.ipv4_mapped
    return found


def _split(forwarded_for: str) -> list[str]:
    return forwarded_for.split(",") if forwarded_for.strip() else []


def _clean(entry: str) -> str:
    """The canonical spelling of an address, without port and zone; "" for anything else."""
    entry = entry.strip()
    if _read_v4(entry) is not None:
        return entry  # it has one spelling only
    found = _WITH_PORT.fullmatch(entry)
    text = (found["v6"] or found["v4"]) if found else entry
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
