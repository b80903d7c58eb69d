"""A reader's small Markdown, made into HTML that is safe to show."""

import html

import nh3
from markdown_it import MarkdownIt

# Emphasis, quotes, code, lists and links: what a comment needs, and nothing that shouts or loads.
_TAGS = {"p", "br", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a", "s"}
_RULES = [
    "text", "newline", "escape", "backticks", "strikethrough", "emphasis", "link", "autolink", "linkify",
    "entity", "balance_pairs", "fragments_join", "text_join",
    "normalize", "block", "inline", "paragraph", "fence", "blockquote", "list",
]  # fmt: skip


def _build_renderer() -> MarkdownIt:
    renderer = MarkdownIt("zero", {"html": False, "linkify": True, "breaks": True, "maxNesting": 8})
    renderer.linkify.set({"fuzzy_email": False})  # type: ignore[union-attr]  # set above
    renderer.enable(_RULES, ignoreInvalid=True)
    # The inline half of linkify is quadratic on "://://…"; the core rule finds full addresses without it.
    renderer.inline.ruler.disable("linkify")
    return renderer


_RENDERER = _build_renderer()


def render_body(text: str) -> str:
    """`text` as sanitised HTML. Links carry `nofollow ugc noopener noreferrer`; images never load."""
    return nh3.clean(
        _RENDERER.render(text),
        tags=_TAGS,
        attributes={"a": {"href"}},
        attribute_filter=_keep_absolute_links,
        url_schemes={"http", "https"},
        link_rel="nofollow ugc noopener noreferrer",
    ).strip()


def _keep_absolute_links(tag: str, attribute: str, value: str) -> str | None:
    """`//host` and relative links would lead somewhere else on every page that shows them."""
    if attribute == "rel":  # nh3 has put it in, and asks about it as well
        return value
    if attribute != "href":
        return None
    return value if value.lower().startswith(("http://", "https://")) else None


def render_plain(text: str) -> str:
    """`text` as escaped paragraphs without any link: how an unpublished comment is shown to its author."""
    paragraphs = (html.escape(part.strip()) for part in text.split("\n\n") if part.strip())
    return "".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in paragraphs)
