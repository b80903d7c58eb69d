"""Time-ordered identifiers (RFC 9562, section 5.7). Python has its own from 3.14 on."""

import os
import time
from datetime import datetime
from uuid import UUID


def uuid7() -> UUID:
    """A version 7 UUID: 48 bits of Unix milliseconds, then 74 random bits."""
    millis = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (millis & 0xFFFFFFFFFFFF) << 80 | random
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def first_uuid7(moment: datetime) -> UUID:
    """The smallest identifier that `uuid7` can make from `moment` on: a bound for "written since"."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
