"""Renders a comment's text, as a small subset of Markdown or as plain text, as HTML that is safe to show."""

import html
import re
from enum import StrEnum

import nh3
from markdown_it import MarkdownIt


class TextFormat(StrEnum):
    """How a site reads the texts of comments."""

    MARKDOWN = "markdown"
    PLAIN = "plain"


# Emphasis, quotes, code, lists and links: what a comment needs, without headings, images or embeds.
_TAGS = {"p", "br", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a", "s"}
_RULES = [
    "text", "newline", "escape", "backticks", "strikethrough", "emphasis", "link", "autolink", "linkify",
    "entity", "balance_pairs", "fragments_join", "text_join",
    "normalize", "block", "inline", "paragraph", "fence", "blockquote", "list",
]  # fmt: skip
# Paragraphs, line breaks and full addresses as links; every other sign is shown as it was typed.
_PLAIN_TAGS = {"p", "br", "a"}
_PLAIN_RULES = ["text", "newline", "linkify", "fragments_join", "text_join", "normalize", "block", "inline",
                "paragraph"]  # fmt: skip


def _build_renderer(rules: list[str]) -> MarkdownIt:
    renderer = MarkdownIt("zero", {"html": False, "linkify": True, "breaks": True, "maxNesting": 8})
    renderer.linkify.set({"fuzzy_email": False})  # type: ignore[union-attr]  # set above
    renderer.enable(rules, ignoreInvalid=True)
    # The inline half of linkify is quadratic on "://://…"; the core rule finds full addresses without it.
    renderer.inline.ruler.disable("linkify")
    return renderer


_RENDERER, _PLAIN_RENDERER = _build_renderer(_RULES), _build_renderer(_PLAIN_RULES)
# One line without anything that could be markup, a URL or an entity, such as half of all comments: the
# renderer would return it unchanged.
_PROSE = re.compile(
    r"(?!\s)(?:[^\x00-\x1f\x7f-\xa0\ud800-\udfff*_`~\[\]<>&\\#|/:.]"
    r"|:(?=[\s)]|$)|\.(?=[ .!?)\"']|$)){1,4000}(?<!\s)"
)
_BEGINS_A_LIST = re.compile(r"\d{1,9}[.)]|[-+]")
# Each of these costs the renderer about 10 microseconds; a long legitimate comment has a few hundred.
_MARKUP = re.compile(r"[\n*_~`\[\]]")
MOST_MARKUP = 1500
# Each URL costs about 70; and in a run without spaces each is matched to the end of the run.
MOST_ADDRESSES = 200
_LONG_RUN = re.compile(r"\S{2000}")
MOST_ADDRESSES_IN_LONG_RUNS = 20


def render_body(text: str, text_format: str = TextFormat.MARKDOWN) -> str:
    """`text` as sanitised HTML. Links carry `nofollow ugc noopener noreferrer`; images never load.

    In a text written to cost time, markup is shown as typed.
    """
    is_plain = text_format == TextFormat.PLAIN
    if _PROSE.fullmatch(text) and (is_plain or not _BEGINS_A_LIST.match(text)):
        return f"<p>{text}</p>"
    if _costs_too_much(text):
        return render_plain(text)
    return _render_lines(text) if is_plain else _render(text)


def _render(text: str) -> str:
    return _sanitise(_RENDERER.render(text), _TAGS)


def _render_lines(text: str) -> str:
    return _sanitise(_PLAIN_RENDERER.render(text), _PLAIN_TAGS)


def _sanitise(rendered: str, tags: set[str]) -> str:
    return nh3.clean(
        rendered,
        tags=tags,
        attributes={"a": {"href"}},
        attribute_filter=_keep_absolute_links,
        url_schemes={"http", "https"},
        link_rel="nofollow ugc noopener noreferrer",
    ).strip()


def _costs_too_much(text: str) -> bool:
    if len(_MARKUP.findall(text)) > MOST_MARKUP:
        return True
    addresses = text.count("://")
    is_long_run = addresses > MOST_ADDRESSES_IN_LONG_RUNS and _LONG_RUN.search(text) is not None
    return addresses > MOST_ADDRESSES or is_long_run


def _keep_absolute_links(tag: str, attribute: str, value: str) -> str | None:
    """`//host` and relative links would lead somewhere else on every page that shows them."""
    if attribute == "rel":  # nh3 has added it, and asks about it too
        return value
    if attribute != "href":
        return None
    return value if value.lower().startswith(("http://", "https://")) else None


def render_plain(text: str) -> str:
    """`text` as escaped paragraphs without links, as an unpublished comment is shown to its author."""
    paragraphs = (html.escape(part.strip()) for part in text.split("\n\n") if part.strip())
    return "".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in paragraphs)
