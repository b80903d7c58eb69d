"""What a site pastes into its pages to show a thread."""

from html import escape


def build_snippet(public_url: str, public_key: str) -> str:
    """An iframe of the server-rendered thread; the site fills in each page's own address and title."""
    source = f"{public_url}/embed/{public_key}/thread?url=PAGE_ADDRESS&title=PAGE_TITLE"
    return (
        f'<iframe src="{escape(source)}"\n'
        '        title="Comments" loading="lazy" width="100%" height="900"></iframe>'
    )
