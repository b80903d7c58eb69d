"""Files of trained weights: a magic line, a line of JSON with the hash of the rest, and raw numbers.

The format is not pickle, so that loading a file cannot run code from it.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


class BrokenModel(Exception):
    """An invalid weight file; the message says which part is wrong."""


def dump_weights(magic: bytes, header: Mapping[str, Any], raw: bytes) -> bytes:
    """The file: `magic` (with its line end), the header with the hash of `raw`, `raw`."""
    described = {**header, "sha256": hashlib.sha256(raw).hexdigest()}
    return magic + json.dumps(described, sort_keys=True).encode() + b"\n" + raw


def parse_weights(magic: bytes, content: bytes) -> tuple[dict[str, Any], bytes]:
    """The header and the raw weights in the bytes of a file. Raises `BrokenModel`."""
    if not content.startswith(magic):
        raise BrokenModel("not a weight file of this kind")
    line, _, raw = content[len(magic) :].partition(b"\n")
    header: dict[str, Any] = json.loads(line)
    if hashlib.sha256(raw).hexdigest() != header["sha256"]:
        raise BrokenModel("the weights differ from the hash in the header")
    return header, raw
