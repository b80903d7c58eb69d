"""Time-ordered identifiers (RFC 9562, section 5.7). Python has its own from 3.14 on."""

import os
import time
from datetime import datetime
from uuid import UUID

_VERSION_AND_VARIANT = 0x7 << 76 | 0x2 << 62
_RANDOM = (1 << 80) - 1 & ~(0xF << 76 | 0x3 << 62)


def uuid7() -> UUID:
    """A version 7 UUID: 48 bits of Unix milliseconds, then 74 random bits."""
    millis = time.time_ns() // 1_000_000 & 0xFFFFFFFFFFFF
    random = int.from_bytes(os.urandom(10), "big")
    return UUID(int=millis << 80 | random & _RANDOM | _VERSION_AND_VARIANT)


def first_uuid7(moment: datetime) -> UUID:
    """The smallest identifier that `uuid7` can make from `moment` on: a bound for "written since"."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
