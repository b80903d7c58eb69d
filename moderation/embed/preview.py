"""An unpublished comment as its author sees it."""

import nh3

from moderation.lib.markup import TextFormat, render_body

_EMPTY: dict[str, set[str]] = {}


def render_preview(text: str, text_format: str = TextFormat.MARKDOWN) -> str:
    """`text` as it will be published, but with links that lead nowhere.

    The address of this page can be passed on before anybody has checked the text: it must be no way to have
    this service vouch for a link.
    """
    return nh3.clean(render_body(text, text_format), attributes=_EMPTY, link_rel=None)
