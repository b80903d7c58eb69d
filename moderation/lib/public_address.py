"""Whether an address belongs to the public internet, for calls whose host a tenant chose."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the IPv4 address is in the last 32 bits


def is_public(address: str) -> bool:
    """Whether an address is reachable for everybody. One that carries another is only as public as that.

    Raises ValueError for anything that is no address.
    """
    found = ip_address(address.partition("%")[0])
    return all(each.is_global and not each.is_multicast for each in (found, *_carried(found)))


def _carried(found: IPv4Address | IPv6Address) -> list[IPv4Address]:
    if isinstance(found, IPv4Address):
        return []
    nat64 = IPv4Address(int(found) & 0xFFFFFFFF) if found in _NAT64 else None
    teredo = found.teredo or ()
    return [each for each in (found.ipv4_mapped, found.sixtofour, nat64, *teredo) if each is not None]
