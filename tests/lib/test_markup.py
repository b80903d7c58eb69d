"""A reader's text, as Markdown or plain: rendered, made safe, and never dear."""

import html
import re

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from moderation.lib import markup
from moderation.lib.markup import MOST_MARKUP, TextFormat, render_body, render_plain
from tests.bad_input.costly import texts
from tests.pace import count_loops

COSTLY = dict(texts())
REL = 'rel="nofollow ugc noopener noreferrer"'


def test_a_long_honest_text_is_rendered() -> None:
    paragraph = (
        "I *read* it **twice**, see https://a.example/x and [the map](https://b.example/).\n> Quoted.\n\n"
    )
    html = render_body(paragraph * 100)
    assert html.count("<em>read</em>") == html.count("<blockquote>") == 100
    assert html.count('href="https://a.example/x"') == html.count('href="https://b.example/"') == 100


@pytest.mark.parametrize("name", ["one long address", "addresses", "[", "paragraphs", "* and _ by turns"])
def test_what_was_written_to_cost_time_is_shown_as_it_is(name: str) -> None:
    assert render_body(COSTLY[name]) == render_plain(COSTLY[name])


def test_signs_up_to_the_limit_are_markup() -> None:
    assert "<em>" in render_body("*a* " * (MOST_MARKUP // 2))
    assert "<em>" not in render_body("*a* " * (MOST_MARKUP // 2 + 1))


@pytest.mark.parametrize("text_format", TextFormat)
@pytest.mark.parametrize("name", COSTLY)
def test_no_text_takes_long(name: str, text_format: TextFormat) -> None:
    """Up to 12 loops each; what this finds is a text that costs more than its length."""
    html = render_body(COSTLY[name], text_format)
    assert count_loops(lambda: render_body(COSTLY[name], text_format), tries=2) < 100
    for tag in ("<script", "<b>", "<img", "<table"):
        assert tag not in html


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


_SIGNS = "ab1 .,:;!?-+()\"'=@%$\u00e9\u2019\U0001f600\u00a0\u2028\t"
PROSE = st.text(alphabet=_SIGNS, min_size=1, max_size=40).map(str.strip)


@settings(max_examples=1000)
@given(text=st.one_of(PROSE, st.text(min_size=1, max_size=30).map(str.strip)))
@example(text="1. one")
@example(text="- one")
@example(text="example.org is an address")
@example(text="a...b.c")
@example(text="see: //example.org")
@example(text="mailto:a")
def test_prose_is_what_the_renderer_would_make_of_it(text: str) -> None:
    assume(text)
    assume(not any("\ud800" <= char <= "\udfff" for char in text))
    assert render_body(text) == markup._render(text)


def test_prose_needs_no_renderer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "_render", None)
    text = "Well, I'd say \"no\" (twice): it's 5 % more... isn't it? \u2013 Yes!"
    assert render_body(text) == f"<p>{text}</p>"


def test_plain_text_has_paragraphs_line_breaks_and_links_and_nothing_else() -> None:
    text = "One *line*\nand `another`\n\n> 1. [a](https://a.example/?b=1&c) <b>&amp;</b>"
    link = f'<a href="https://a.example/?b=1&amp;c" {REL}>https://a.example/?b=1&amp;c</a>'
    assert render_body(text, TextFormat.PLAIN) == (
        f"<p>One *line*<br>\nand `another`</p>\n<p>&gt; 1. [a]({link}) &lt;b&gt;&amp;amp;&lt;/b&gt;</p>"
    )


@pytest.mark.parametrize("name", ["one long address", "addresses", "paragraphs"])
def test_a_costly_plain_text_has_no_links(name: str) -> None:
    assert render_body(COSTLY[name], TextFormat.PLAIN) == render_plain(COSTLY[name])


# What `domain.fields` lets through: no control characters but line breaks and tabs, no half surrogates.
_ANY_SCRIPT = st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n\t")
_JOINED = [
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U0001f1e9\U0001f1ea",
    "\u05d1\u05b0\u05bc",
    "\u0915\u094d\u0937",
]
_MARKS = ["*", "_", "`", "~~", "\\", "[", "](", "<b>", "&amp;", "#", "> ", "- ", "1. ", "\n\n", "    ", "```"]
TYPED = st.lists(st.one_of(st.text(_ANY_SCRIPT, max_size=20), st.sampled_from(_JOINED + _MARKS)), max_size=12)


@settings(max_examples=500)
@given(typed=TYPED)
@example(typed=["  \n", "\\", "\n", "a"])
def test_a_plain_text_is_read_as_it_was_typed_in_every_script(typed: list[str]) -> None:
    text = "".join(typed)
    assume("//" not in text)  # an address is shown decoded
    shown = render_body(text, TextFormat.PLAIN)
    assert not re.sub(r"</?p>|<br>", "", shown).count("<")
    assert words_of(html.unescape(re.sub(r"</p>|<br>|<p>", "\n", shown))) == words_of(text)


@settings(max_examples=500)
@given(typed=st.lists(st.one_of(st.text(_ANY_SCRIPT, max_size=20), st.sampled_from(_JOINED)), max_size=6))
def test_markdown_keeps_every_letter_of_every_script(typed: list[str]) -> None:
    text = " ".join(typed)
    letters = [sign for sign in text if ord(sign) > 127 and not sign.isspace()]
    shown = html.unescape(re.sub(r"<[^>]*>", "", render_body(text)))
    assert [sign for sign in shown if ord(sign) > 127 and not sign.isspace()] == letters


def words_of(text: str) -> list[str]:
    """The words; HTML joins white space anyway."""
    return text.split()
