"""Bodies made to cost as much CPU as possible: within 128 kB, and texts of 10,000 characters."""

import json
from collections.abc import Iterator
from typing import Any

from moderation.api.parser import MAX_BYTES
from moderation.domain.fields import MAX_BODY

# Pieces that a text is filled with: Unicode, Markdown, HTML and addresses at their worst.
PIECES = {
    "letters": "a",
    "words": "word and ",
    "spaces": "a ",
    "emoji": "\U0001f600",
    "marks, 8 on each base": "a" + "\u0301\u0323" * 4,
    "marks in the wrong order": "\u1e9b\u0323\u0307",
    "Hangul in parts": "\u1100\u1161\u11a8",
    "U+FDFA, 18 letters each": "\ufdfa",
    "look-alikes": "\u0430\u0435\u043e\u0440",
    "invisible signs": "a\u200b\u2060\u200d",
    "full width": "\uff21\uff22\uff23",
    "spaced letters": "v i a g r a ",
    "digits for letters": "v1agr4 ",
    "nested quotes": "> ",
    "nested lists": "- ",
    "quotes and lists by turns": "> - ",
    "numbered lists": "1. ",
    "lines of lists": "* a\n",
    "[": "[",
    "![": "![",
    "[](": "[](",
    "[a](b": "[a](b",
    "]": "]",
    "*": "*",
    "*a": "*a",
    "* and _ by turns": "*_a",
    "**a ": "**a ",
    "~~": "~~a",
    "`": "`",
    "` of growing length": "`a``b```c",
    "backslashes": "\\",
    "&": "&",
    "&#x;": "&#x41;",
    "<": "<",
    "<b>": "<b>",
    "<a href=": "<a href=",
    "<!--": "<!--",
    "<autolink": "<http://",
    "://": "://",
    "addresses": "http://a.example/ ",
    "one long address": "http://a.example/?",
    "domains": "a.example ",
    "dots": "a.",
    "www.": "www.a",
    "@": "a@b.example ",
    "(": "(",
    "line breaks": "a\n",
    "paragraphs": "a\n\n",
    "tabs": "\ta\n",
    "fences": "```\n",
    "tables": "|a|\n|-|\n",
    "quotation marks": "\"'",
}


def texts() -> Iterator[tuple[str, str]]:
    """Names and texts of 10,000 characters."""
    for name, piece in PIECES.items():
        yield name, (piece * MAX_BODY)[:MAX_BODY]


def _filled(head: str, piece: str, tail: str) -> bytes:
    most = (MAX_BYTES - len(head) - len(tail)) // len(piece.encode())
    return (head + piece * most + tail).encode()


def bodies(good: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Names and whole JSON bodies, as near to 128 kB as they can be."""
    start = json.dumps(good)[:-1] + ', "x": '
    yield "JSON: list of numbers", _filled(start + "[", "1,", "1]}")
    yield "JSON: list of lists", _filled(start + "[", "[],", "1]}")
    yield "JSON: list of objects", _filled(start + "[", '{"a":1},', "1]}")
    yield "JSON: fractions", _filled(start + "[", "1.5e3,", "1]}")
    yield "JSON: empty texts", _filled(start + "[", '"",', "1]}")
    yield "JSON: escaped quotes", _filled(start + '"', '\\"', '"}')
    yield "JSON: text that never ends", _filled(start + '"', "\\", "")
    yield "JSON: one number", _filled(start, "9", "}")
    yield "JSON: spaces", _filled(start + "1", " ", "}")
    yield "JSON: lists never closed", _filled(start, "[", "")
    yield "JSON: 10,000 keys", (start + "1," + ",".join(f'"{n}":0' for n in range(10_000)) + "}").encode()
    for field in ("body", "name", "email", "website"):
        for name, piece in (("letters", "a"), ("marks", "\u0301"), ("escapes", "\\u0301"), ("dots", "a.")):
            whole = json.dumps({**good, field: "@@"})
            before, _, after = whole.partition("@@")
            yield f"{field}: 128 kB of {name}", _filled(before, piece, after)
    for name, url in (("%", "%"), ("dots", "/.."), ("queries", "&a=%40b.c"), ("look-alikes", "\u0430.")):
        yield (
            f"page: {name}",
            json.dumps({**good, "thread": {"url": ("https://news.example/" + url * 2000)[:2000]}}).encode(),
        )
    yield (
        "page: host of 1,900 signs",
        json.dumps({**good, "thread": {"url": "https://" + "\u00fc." * 950}}).encode(),
    )
