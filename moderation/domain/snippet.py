"""What a site pastes into its pages to show a thread."""

from html import escape


def build_snippet(public_url: str, public_key: str) -> str:
    """The web component, and for browsers without scripts a frame. It is the same for all pages of a site:
    the component reads the page's address and title itself, the frame learns the address from the browser.
    """
    url, key = escape(public_url), escape(public_key)
    return (
        f'<script type="module" async src="{url}/embed.js" data-key="{key}"></script>\n'
        f'<comment-thread><noscript><iframe src="{url}/embed/{key}/thread"'
        ' referrerpolicy="no-referrer-when-downgrade"'
        ' title="Comments" width="100%" height="900"></iframe></noscript></comment-thread>'
    )
