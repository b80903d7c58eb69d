"""What a reader's Markdown becomes."""

import pytest

from moderation.lib.markup import render_body

REL = 'rel="nofollow ugc noopener noreferrer"'


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://a.example/", f'<a href="https://a.example/" {REL}>https://a.example/</a>'),
        ("[a](https://a.example/)", f'<a href="https://a.example/" {REL}>a</a>'),
        ('[a](https://a.example/ "A title")', f'<a href="https://a.example/" {REL}>a</a>'),
        ("[a](//a.example/)", f"<a {REL}>a</a>"),
    ],
)
def test_a_link_has_an_address_and_vouches_for_nothing(text: str, link: str) -> None:
    assert render_body(text) == f"<p>{link}</p>"
