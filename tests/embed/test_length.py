"""Which comments are folded."""

import pytest

from moderation.embed.length import count_lines, is_long
from moderation.lib.markup import render_body

LINE = "Sixty letters or so make a line in a column of usual width. "
ENTITY = "&amp;" * 12


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Short.", False),
        ("", False),
        (LINE * 15, False),
        (LINE * 40, True),
        ("\n".join(["One."] * 20), False),
        ("\n".join(["One."] * 30), True),
        ("\n\n".join(["One."] * 14), False),
        ("\n\n".join(["One."] * 20), True),
        ("\n".join(f"- item {n}" for n in range(30)), True),
        ("```\n" + "code\n" * 30 + "```", True),
        ("汉" * 700, False),
        ("汉" * 1000, True),
        ("אבגד " * 200, False),
        ("https://a.example/" + "x" * 1500, False),
        ("*" * 3000, True),
    ],
)
def test_long_comments(text, expected):
    assert is_long(render_body(text)) is expected


def test_markup_takes_no_space():
    assert count_lines(render_body("**a** *b* `c` https://a.example/")) == 1
