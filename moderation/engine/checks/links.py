"""Checks links: how many there are, how they hide their target, and whether they are the author's first."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from moderation.domain.signals import Axis, Field, Param, Signal, Span
from moderation.engine.facts import Context
from moderation.engine.text.links import Link, find_links, host_of, only_foreign
from moderation.engine.text.shipped_lists import shorteners
from moderation.language.fold.confusables import HOMOGLYPHS

# The comment form accepts Markdown at most, so BBCode and HTML come from programs that post to many sites.
_BBCODE = re.compile(r"\[(?:url|link|img)(?:=[^\]]{1,300}\]|\][^\[\]]{1,300}\[/)", re.IGNORECASE)
_ANCHOR = re.compile(
    r"<a\s[^<>]{0,300}?href\s*=\s*[\"']?(?P<href>[^\"'\s>]{1,2000})[^<>]{0,300}>(?P<text>[^<]{0,300})",
    re.IGNORECASE,
)
_MARKDOWN = re.compile(r"\[(?P<text>[^\[\]]{1,300})\]\((?P<href>[^()\s]{1,2000})")
_BROKEN_UP = re.compile(
    r"\b[a-z0-9-]{2,63}(?:\s{1,2}\.\s{0,2}|\s?[\[(]\s?(?:\.|dot)\s?[\])]\s?|\sdot\s)(?:com|net|org|info|biz|ru|xyz)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Links:
    """Gives points for the number and the properties of the links that lead away from the site."""

    @dataclass(frozen=True, slots=True)
    class Options:
        many: int = 3  # links; so many or more give 2 points
        flood: int = 6  # links; so many or more give 4 points
        dense_share: float = 0.5  # the share of the text's characters above which links dominate it

    options: Options = Options()

    name = "links"
    version = "2"
    axis = Axis.SPAM
    sentences: ClassVar[Mapping[str, str]] = {
        "links.count": "{count} link(s)",
        "links.only": "Nothing but links",
        "links.dense": "Links make up {percent} % of the text",
        "links.first_link": "A link ({host}) from an author without a record",
        "links.shortener": "{count} link(s) through a shortener ({host})",
        "links.punycode": "A link to a host in coded spelling ({host})",
        "links.lookalike_host": "A link to a host whose letters only look Latin ({host})",
        "links.ip_host": "A link to a bare IP address ({host})",
        "links.userinfo": "A link that hides its host behind a user name ({host})",
        "links.markup": "{kind} link markup, which people do not type here",
        "links.anchor_mismatch": "A link that shows {shown} and leads to {host}",
        "links.broken_up": "A link broken up so that it is not seen as one",
        "links.website_shortener": "The website is a shortened link ({host})",
        "links.name": "The name is a link",
    }

    def run(self, context: Context) -> list[Signal]:
        """Signals about the body's links, then about the name and the website."""
        allowed = context.site.lists.allowed_domains if context.site.lists else None
        links = only_foreign(find_links(context.text), context.site.hosts, allowed)
        return [
            *self._amount(context, links),
            *_first_link(context, links),
            *_hosts(links),
            *_markup(context),
            *_anchors(context),
            *_broken_up(context),
            *_identity(context),
        ]

    def _amount(self, context: Context, links: list[Link]) -> list[Signal]:
        if not links:
            return []
        options, count = self.options, len(links)
        points = 0.5 if count == 1 else 1.0 if count < options.many else 2.0
        points = 4.0 if count >= options.flood else points
        signals = [_signal("links.count", points, links, count=count)]
        linked = sum(link.end - link.start for link in links)
        text = context.text.strip()
        if linked >= len(text) - 3:
            signals.append(_signal("links.only", 2.0, links))
        elif linked > options.dense_share * len(text):
            signals.append(_signal("links.dense", 1.0, links, percent=round(100 * linked / len(text))))
        return signals


def _signal(code: str, points: float, links: list[Link], **params: Param) -> Signal:
    spans = tuple(Span(link.start, link.end) for link in links[:20])
    return Signal(code, Axis.SPAM, points, "link", params=params, spans=spans)


def _first_link(context: Context, links: list[Link]) -> list[Signal]:
    """Signals links of an author without published comments; those of an unproven address do not count."""
    if not links or (context.author.is_proven and context.author.published > 0):
        return []
    return [_signal("links.first_link", 1.0, links, host=links[0].host[:100])]


def _hosts(links: list[Link]) -> list[Signal]:
    kinds = (
        ("links.shortener", 1.5, [link for link in links if shorteners().match(link.host)]),
        ("links.ip_host", 2.5, [link for link in links if link.is_address]),
        ("links.userinfo", 2.5, [link for link in links if link.has_userinfo]),
        ("links.punycode", 1.5, [link for link in links if "xn--" in link.typed_host]),
        ("links.lookalike_host", 3.0, [link for link in links if _is_lookalike(link.typed_host)]),
    )
    return [
        _signal(code, points, found, host=found[0].host[:100], count=len(found))
        for code, points, found in kinds
        if found
    ]


def _is_lookalike(host: str) -> bool:
    """Whether a label consists of homoglyphs of Latin letters, alone or mixed with Latin letters."""
    for label in host.split("."):
        letters = [character for character in label if character.isalpha()]
        homoglyphs = sum(character in HOMOGLYPHS for character in letters)
        latin = sum(character.isascii() for character in letters)
        if homoglyphs and homoglyphs + latin == len(letters):
            return True
    return False


def _markup(context: Context) -> list[Signal]:
    found = [*_BBCODE.finditer(context.text), *_ANCHOR.finditer(context.text)]
    if not found:
        return []
    kind = "BBCode" if found[0].group().startswith("[") else "HTML"
    spans = tuple(Span(match.start(), match.end()) for match in found[:20])
    return [Signal("links.markup", Axis.SPAM, 2.0, "link", params={"kind": kind}, spans=spans)]


def _anchors(context: Context) -> list[Signal]:
    """Signals the first HTML or Markdown link that shows another host than its target's, such as
    `<a href="https://evil.example">bank.example</a>`.
    """
    for pattern in (_ANCHOR, _MARKDOWN):
        for match in pattern.finditer(context.text):
            shown, leads = find_links(match.group("text").strip()), host_of(match.group("href"))
            if shown and leads and shown[0].host.removeprefix("www.") != leads.removeprefix("www."):
                return [
                    Signal(
                        "links.anchor_mismatch",
                        Axis.SPAM,
                        3.0,
                        "link",
                        params={"shown": shown[0].host[:100], "host": leads[:100]},
                        spans=(Span(match.start(), match.end()),),
                    )
                ]
    return []


def _broken_up(context: Context) -> list[Signal]:
    spans = tuple(Span(match.start(), match.end()) for match in _BROKEN_UP.finditer(context.text))
    return [Signal("links.broken_up", Axis.SPAM, 2.0, "link", spans=spans[:20])] if spans else []


def _identity(context: Context) -> list[Signal]:
    signals = []
    website = context.website
    host = host_of(website)
    if host and shorteners().match(host):
        spans = (Span(0, len(website), Field.WEBSITE),)
        signals.append(
            Signal(
                "links.website_shortener", Axis.SPAM, 1.5, "link", params={"host": host[:100]}, spans=spans
            )
        )
    if find_links(context.author_name):
        spans = (Span(0, len(context.author_name), Field.NAME),)
        signals.append(Signal("links.name", Axis.SPAM, 2.0, "identity", spans=spans))
    return signals
