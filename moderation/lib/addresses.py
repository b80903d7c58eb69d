"""E-mail addresses as text: the one spelling for comparing, and the mask that people see."""

import unicodedata

from moderation.lib.urls import ascii_host


def normalise_address(address: str) -> str:
    """One spelling for all of one mailbox: domain as lower-case IDNA, local part NFC and casefolded.

    For comparing only. An address that cannot be valid still gets a spelling, so that whatever
    an import brought in can be found and erased again.
    """
    local, _, domain = address.strip().rpartition("@")
    return f"{unicodedata.normalize('NFC', local).casefold()}@{_ascii_domain(domain)}"


def mask_address(address: str) -> str:
    """What moderators see: `a…@example.org`. Says nothing about the length."""
    local, _, domain = address.strip().rpartition("@")
    return f"{local[:1]}…@{domain.lower()}" if local else "…"


def _ascii_domain(domain: str) -> str:
    try:
        return ascii_host(domain)
    except ValueError:  # idna's errors are of this kind too
        return unicodedata.normalize("NFKC", domain).casefold()
