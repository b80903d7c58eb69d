"""What readers see of a comment's HTML."""

import pytest

from moderation.compat.markup import plain_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("no markup", "no markup"),
        ("<div>One</div><div>two &amp; three</div>", "One\n\ntwo & three"),
        ("a <b>bold</b><br>word", "a bold\nword"),
        ('see <a href="https://shop.example/x">here</a>', "see  https://shop.example/x here"),
        ("see <a href='https://shop.example/x'>here</a>", "see  https://shop.example/x here"),
        ("1 < 2 and <unknown> stays", "1 < 2 and <unknown> stays"),
        ("i <u>d</u>iot", "i diot"),
        ("<" * 5000, "<" * 5000),
    ],
)
def test_markup_becomes_text_with_the_targets_of_links(markup: str, text: str):
    assert plain_text(markup) == text
