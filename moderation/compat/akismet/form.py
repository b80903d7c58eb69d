"""Reads the form that clients of the Akismet API send: names, values and their charset."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

# WordPress adds one field for each header and each field of the reader's own form.
MOST_FIELDS = 1000
# What `blog_charset` may name. Python knows more codecs, some of which are no charsets or cost much.
_CHARSETS = (
    *("utf-8", "ascii", "us-ascii", "iso-2022-jp", "koi8-r", "koi8-u", "big5", "gb2312", "gbk", "gb18030"),
    *("shift-jis", "sjis", "euc-jp", "euc-kr", "tis-620"),
    *(f"iso-8859-{part}" for part in (*range(1, 12), *range(13, 17))),
    *(f"{name}{page}" for name in ("windows-", "cp") for page in range(1250, 1259)),
)
_NO_LETTER = re.compile(r"[^a-z0-9]")
_CODECS = {_NO_LETTER.sub("", name): name for name in _CHARSETS}
_CONTEXT = re.compile(r"comment_context(?:\[\d*\])?")
_LABEL = re.compile(r"[0-9a-z]{12}")


class FormUnreadable(ValueError):
    """The body is no form, or has too many fields. The text is for the client's developer."""


@dataclass(frozen=True, slots=True)
class SentForm:
    """The fields of a request by name, decoded; of a repeated one the last counts, as in PHP.

    `context` has all values of `comment_context`, whether it came once, as `comment_context[]` or numbered.
    """

    values: Mapping[str, str]
    context: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> str:
        """The value without spaces around it; "" for a field that did not come."""
        return self.values.get(name, "").strip()

    def is_true(self, name: str) -> bool:
        """Whether a switch is on, in any way that clients say so."""
        return self[name].lower() in ("1", "true", "yes", "on")


def read_form(body: bytes, query: str = "") -> SentForm:
    """The fields of a body, and those of the query that the body lacks. Raises `FormUnreadable`."""
    pairs = [*_split(query), *_split(body.decode("latin-1"))]
    charset = dict(pairs).get("blog_charset", "")
    decoded = [(decode(name, charset), decode(value, charset)) for name, value in pairs]
    context = tuple(value for name, value in decoded if _CONTEXT.fullmatch(name) and value)
    return SentForm(dict(decoded), context)


def decode(text: str, charset: str) -> str:
    """Text whose bytes stand as Latin-1, as the client meant it.

    Many clients name the blog's charset and send UTF-8 all the same, and hardly any other text happens to be
    UTF-8: so that is tried first. ISO-2022-JP looks like ASCII, and is believed.
    """
    if text.isascii() and "\x1b" not in text:
        return text
    raw = text.encode("latin-1")
    for codec in _candidates(charset):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")


def _candidates(charset: str) -> Sequence[str]:
    codec = _CODECS.get(_NO_LETTER.sub("", charset.lower()), "")
    if codec == "iso-2022-jp":
        return (codec, "utf-8", "cp1252")
    return tuple(each for each in ("utf-8", codec, "cp1252") if each)


def _split(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, encoding="latin-1", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise FormUnreadable(f"Send a form with at most {MOST_FIELDS} fields.") from None


def read_key(form: SentForm, host: str) -> str:
    """The key of a request: a field `api_key` or `key`, else the first label of the host name."""
    if key := form["api_key"] or form["key"]:
        return key
    label = host.partition(".")[0].lower()
    return label if _LABEL.fullmatch(label) else ""
