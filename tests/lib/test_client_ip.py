"""Whose address counts, with and without proxies, and with forged headers."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.lib.client_ip import client_ip, first_of_network, household, network_of

PEER = "203.0.113.1"


@pytest.mark.parametrize(
    ("proxies", "forwarded_for", "client"),
    [
        (0, "", PEER),
        (0, "198.51.100.7", PEER),
        (0, "198.51.100.7, 198.51.100.8", PEER),
        (1, "", PEER),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        (1, "6.6.6.6,5.5.5.5 ,198.51.100.7 ", "198.51.100.7"),
        (2, "198.51.100.7, 192.0.2.1", "198.51.100.7"),
        (2, "6.6.6.6, 198.51.100.7, 192.0.2.1", "198.51.100.7"),
        (2, "192.0.2.1", "192.0.2.1"),
        (2, "", PEER),
    ],
)
def test_only_what_our_own_proxies_added_is_believed(proxies: int, forwarded_for: str, client: str) -> None:
    assert client_ip(PEER, forwarded_for, trusted_proxies=proxies) == client


@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_a_forged_list_never_moves_the_client(proxies: int) -> None:
    honest = ", ".join(["198.51.100.7", "192.0.2.1"][:proxies])
    expected = client_ip(PEER, honest, trusted_proxies=proxies)
    for number in range(30):
        forged = f"10.0.0.{number}, junk, " + honest if honest else f"10.0.0.{number}"
        assert client_ip(PEER, forged, trusted_proxies=proxies) == expected


@pytest.mark.parametrize("entry", ["unknown", "", "_hidden", "999.1.1.1", "198.51.100.7 x", "a" * 5000])
def test_an_entry_that_is_no_address_is_not_believed(entry: str) -> None:
    assert client_ip(PEER, f"6.6.6.6, {entry}", trusted_proxies=1) == PEER
    assert client_ip(PEER, f"6.6.6.6, {entry}, 192.0.2.1", trusted_proxies=2) == "192.0.2.1"


@pytest.mark.parametrize(
    ("entry", "client"),
    [
        ("198.51.100.7:4711", "198.51.100.7"),
        ("[2001:DB8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:db8:0::1", "2001:db8::1"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_ports_zones_and_spellings_are_evened_out(entry: str, client: str) -> None:
    assert client_ip(PEER, entry, trusted_proxies=1) == client
    assert client_ip(entry, "", trusted_proxies=0) == client


def test_without_any_address_there_is_none() -> None:
    assert client_ip("", "", trusted_proxies=0) == ""


@pytest.mark.parametrize(
    ("address", "home"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::", "2001:db8:1:2::"),
        ("", ""),
    ],
)
def test_a_household_is_one_client(address: str, home: str) -> None:
    assert household(address) == home


@pytest.mark.parametrize(
    "address",
    ["203.0.113.77", "::ffff:203.0.113.77", "2001:db8:1:2:3:4:5:6", "fe80::1%eth0", "::"],
)
@pytest.mark.parametrize("widths", [{"v4": 24, "v6": 48}, {"v4": 32, "v6": 64}])
def test_the_first_address_is_that_of_the_network(address: str, widths: dict[str, int]) -> None:
    assert first_of_network(address, **widths) == str(network_of(address, **widths).network_address)


OCTETS = st.sampled_from(["0", "1", "01", "007", "9", "10", "127", "255", "256", "-1", "0x1", "", " 1", "１"])


@given(parts=st.lists(OCTETS, min_size=1, max_size=5))
def test_an_ipv4_address_is_what_the_standard_library_takes_for_one(parts: list[str]) -> None:
    text = ".".join(parts)
    try:
        known = str(ipaddress.IPv4Address(text.strip()))
    except ValueError:
        known = ""
    assert client_ip(text, "", trusted_proxies=0) == known
