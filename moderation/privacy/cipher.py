"""Authenticated encryption bound to a purpose, a site and a row. Pure: keys are passed in."""

import base64
import binascii
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = "v1"
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


class VaultError(Exception):
    """Invalid keys or sealed values. The message never contains a key or a plain value."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys by id, newest first. The newest one encrypts; all of them decrypt."""

    newest_id: str
    keys: dict[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value belongs. It cannot be decrypted for any other place."""

    purpose: str
    site_id: UUID
    row_id: UUID

    def to_bytes(self) -> bytes:
        """Unambiguous, because both ids have a fixed length."""
        return self.purpose.encode() + b"\x00" + self.site_id.bytes + self.row_id.bytes


def parse_key_ring(entries: Sequence[str]) -> KeyRing:
    """A ring written as `keyid:base64 of 32 bytes`, newest first. Raises VaultError naming a wrong entry."""
    return _parse_key_ring(tuple(entries))


@lru_cache(maxsize=16)
def parse_key(text: str, *, name: str) -> bytes:
    """32 bytes from base64. Raises VaultError with `name`, never with the text."""
    try:
        key = base64.b64decode(text.strip().encode(), altchars=_altchars(text), validate=True)
    except (binascii.Error, ValueError):
        raise VaultError(f"{name} is not base64.") from None
    if len(key) != KEY_BYTES:
        raise VaultError(f"{name} has {len(key)} bytes instead of {KEY_BYTES}.")
    return key


def seal_value(value: str, *, ring: KeyRing, place: Place) -> str:
    """`value` as `v1:keyid:base64(nonce + ciphertext + tag)`, different for each call."""
    nonce = os.urandom(NONCE_BYTES)
    sealed = _cipher(ring.keys[ring.newest_id]).encrypt(nonce, value.encode(), place.to_bytes())
    return f"{VERSION}:{ring.newest_id}:{base64.b64encode(nonce + sealed).decode()}"


def unseal_value(sealed: str, *, ring: KeyRing, place: Place) -> str:
    """The plain value, if it was sealed for exactly this place. Raises VaultError otherwise."""
    key_id, raw = _split(sealed)
    key = ring.keys.get(key_id)
    if key is None:
        raise VaultError(f"The key {key_id!r} is not in the key list; add it again, at its end.")
    try:
        return _cipher(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.to_bytes()).decode()
    except InvalidTag:
        raise VaultError(
            f"The key {key_id!r} does not open this value, or the value belongs to another row."
        ) from None


def sealed_by(sealed: str) -> str:
    """The id of the key that sealed it. Raises VaultError if it is not a sealed value."""
    return _split(sealed)[0]


@lru_cache(maxsize=16)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


@lru_cache(maxsize=4)
def _parse_key_ring(entries: tuple[str, ...]) -> KeyRing:
    keys: dict[str, bytes] = {}
    for number, entry in enumerate(entries, start=1):
        key_id, colon, text = entry.strip().partition(":")
        if not colon or not _KEY_ID.fullmatch(key_id):
            raise VaultError(f"Entry {number} of the key list is not written as keyid:base64.")
        if key_id in keys:
            raise VaultError(f"Entry {number} of the key list repeats the id {key_id!r}.")
        keys[key_id] = parse_key(text, name=f"The key {key_id!r}")
    if not keys:
        raise VaultError("The key list is empty.")
    return KeyRing(newest_id=next(iter(keys)), keys=keys)


def _altchars(text: str) -> bytes | None:
    """Both base64 alphabets are accepted for keys; one key never mixes them."""
    return b"-_" if "-" in text or "_" in text else None


def _split(sealed: str) -> tuple[str, bytes]:
    version, _, rest = sealed.partition(":")
    key_id, _, encoded = rest.partition(":")
    if version != VERSION or not _KEY_ID.fullmatch(key_id):
        raise VaultError("This is not a sealed value.")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise VaultError("This sealed value is damaged.") from None
    if len(raw) < NONCE_BYTES + TAG_BYTES:
        raise VaultError("This sealed value is damaged.")
    return key_id, raw
