"""The second safeguard for logs: removes addresses, however they are spelt, and keys from any text.

The first one, which counts, is the allow-list of fields in `logs.py`: neither is logged on purpose. But paths
are, and some hold a key.
"""

import ipaddress
import re
import traceback
from collections.abc import Iterator
from types import TracebackType

from moderation.privacy.hashes import truncate_ip

REMOVED = "[address]"
MAX_TEXT = 16_384  # bounds the cost of a line
_MAX_MESSAGE = 200

# `@` as itself, percent-encoded (once or twice), as HTML entity, in JSON, Python and quoted-printable.
_AT = r"(?:[@\uff20\ufe6b]|%(?:25)*40|&#0*64;|&#[xX]0*40;|&commat;|\\+u0040|\\+x40|=40)"
_LOCAL = r"(?:[\w.!#$%*+^`~-]|(?<=\w)'(?=\w))"
_DOMAIN = r"(?:[\w.%-]|\[[\w.:]+\])"
_HAS_AT = re.compile(_AT)
_ADDRESS = re.compile(rf"{_LOCAL}{{1,200}}{_AT}{_DOMAIN}{{1,260}}")
_IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\w)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F.]{0,15}(?![\w:])")
# As `flow.site.settings.create_key` makes them. Somebody may paste a secret one where a public one belongs.
_KEY = re.compile(r"(cm_[ps]k_)[A-Za-z0-9_-]+")
# An Akismet key has no mark, and looks like a word. It is only known by its place: in a path of that API, or
# as the first label of a host name that Django refuses and quotes.
_AKISMET_KEY = re.compile(
    r"(/1\.[12]/(?:[\w-]{1,40}/)?)[0-9A-Za-z]{12}(?![\w-])"
    r"|(?<![\w-])[0-9A-Za-z]{12}(?=/1\.[12]/)"
    r"|(?<=')[0-9A-Za-z]{12}(?=\.\w)"
)
# Quotations in a message are often what somebody typed; names of constraints and fields have no spaces.
_QUOTED = re.compile(
    r"(['\"\u201c\u2018])([^'\"\u2018-\u201d]{41,}|[^'\"\u2018-\u201d]*\s[^'\"\u2018-\u201d]*)(['\"\u201d\u2019])"
)


def redact(text: str) -> str:
    """`text` without mail addresses and keys, with IP addresses truncated; at most `MAX_TEXT` characters."""
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT] + "…"
    if _HAS_AT.search(text):
        text = _ADDRESS.sub(REMOVED, text)
    text = _AKISMET_KEY.sub(r"\1…", _KEY.sub(r"\1…", text))
    return _IPV6.sub(_truncate, _IPV4.sub(_truncate, text))


def format_exception(error: BaseException) -> str:
    """A traceback without locals and with short messages: only the first line, without addresses and
    quotations.

    The further lines of PostgreSQL's errors contain whole rows.
    """
    return "\nThe above came first; then:\n".join(_one(each) for each in reversed(list(_chain(error))))


def describe_error(error: BaseException) -> str:
    """The type and the harmless part of the message, on one line."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    lines = str(error).splitlines()
    message = redact(_QUOTED.sub(r"\1…\3", lines[0][:MAX_TEXT]))[:_MAX_MESSAGE] if lines else ""
    return f"{name}: {message}" if message else name


def _one(error: BaseException) -> str:
    return "Traceback (most recent call last):\n" + _frames(error.__traceback__) + describe_error(error)


def _frames(trace: TracebackType | None) -> str:
    return redact("".join(traceback.format_list(traceback.extract_tb(trace, limit=-30))))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """`error` and its causes, newest first, without cycles."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


def _truncate(found: re.Match[str]) -> str:
    try:
        address = ipaddress.ip_address(found[0])
    except ValueError:
        return found[0]
    return found[0] if address.is_loopback or address.is_unspecified else truncate_ip(found[0])
