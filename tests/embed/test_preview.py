"""An unpublished comment as its author sees it."""

import re

import pytest

from moderation.embed.preview import render_preview
from moderation.lib.markup import render_body


@pytest.mark.parametrize(
    "text",
    [
        "Plain words & <b>more</b>.",
        "*Leaning*, **loud**, ~~wrong~~ and `code`.",
        "> A quote.\n\nAn answer.",
        "- one\n- two\n\n1. first\n2. second",
        "```\nwhole lines\n```",
        "Two\nlines.\n\nTwo paragraphs.",
        "שלום **עולם** 🙂",
    ],
)
def test_it_is_what_will_be_published(text):
    assert render_preview(text) == render_body(text)


@pytest.mark.parametrize(
    "text", ["See https://a.example/x now.", "[This](https://a.example/) too.", "<https://a.example/>"]
)
def test_but_links_lead_nowhere(text):
    published, preview = render_body(text), render_preview(text)
    assert "href=" in published
    assert "href" not in preview
    assert preview == re.sub(r"<a [^>]*>", "<a>", published)
