"""Email addresses as text: a normal form for comparing, and the mask that people see."""

import unicodedata

from moderation.lib.urls import ascii_host


def normalise_address(address: str) -> str:
    """The normal form of a mailbox: domain as lower-case IDNA, local part NFC and casefolded.

    For comparing only. An invalid address also has a normal form, so that whatever an import brought in can
    be found and erased.
    """
    local, _, domain = address.strip().rpartition("@")
    return f"{unicodedata.normalize('NFC', local).casefold()}@{_ascii_domain(domain)}"


def mask_address(address: str) -> str:
    """What moderators see: `a…@example.org`. It does not reveal the length."""
    local, _, domain = address.strip().rpartition("@")
    return f"{local[:1]}…@{domain.lower()}" if local else "…"


def _ascii_domain(domain: str) -> str:
    try:
        return ascii_host(domain)
    except ValueError:  # also the type of idna's errors
        return unicodedata.normalize("NFKC", domain).casefold()
