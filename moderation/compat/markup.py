"""From a comment's HTML to the text that readers see."""

import html
import re

_TAG = re.compile(
    r"</?(?P<name>div|p|br|li|ul|ol|blockquote|a|b|strong|i|em|s|u|span|img)\b(?P<rest>[^<>]{0,4000})>",
    re.IGNORECASE,
)
_TARGET = re.compile(r"""(?:href|src)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_BLOCKS = frozenset({"div", "p", "br", "li", "ul", "ol", "blockquote"})


def plain_text(body: str) -> str:
    """The text that readers will see, with the targets of links; a text without markup stays as it is."""
    if "<" not in body and "&" not in body:
        return body
    return html.unescape(_TAG.sub(_without_tag, body)).strip("\n")


def _without_tag(tag: re.Match[str]) -> str:
    target = _TARGET.search(tag["rest"])
    shown = f" {target[1] or target[2]} " if target else ""
    return shown or ("\n" if tag["name"].lower() in _BLOCKS else "")
