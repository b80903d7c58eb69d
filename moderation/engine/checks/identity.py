"""Checks whether name, website and text belong together, and whether the name consists of search keywords."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from moderation.domain.signals import Axis, Field, Param, Signal, Span
from moderation.engine.facts import Context
from moderation.engine.text.domain_names import DomainSet, registrable_domain
from moderation.engine.text.linked_domains import domain_of
from moderation.engine.text.links import find_links, host_of
from moderation.engine.text.praise import find_praise
from moderation.engine.text.shipped_lists import name_keywords
from moderation.language.fold.normalise import fold_characters, normalise

# Hosts of many people's pages: the owner is named in the path, if at all, and the host says nothing about it.
_PROFILES = DomainSet((
    "facebook.com", "instagram.com", "twitter.com", "x.com", "linkedin.com", "youtube.com", "github.com",
    "gitlab.com", "medium.com", "mastodon.social", "bsky.app", "tiktok.com", "reddit.com", "about.me",
    "linktr.ee", "google.com", "wikipedia.org", "goodreads.com", "flickr.com", "soundcloud.com",
))  # fmt: skip
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST_COMPARED = 4  # letters; shorter words occur in too many names by chance


@dataclass(frozen=True)
class Identity:
    """Gives few points, since people also have unusual names, write blogs and praise articles."""

    @dataclass(frozen=True, slots=True)
    class Options:
        keywords: int = 2  # the least number in a name, where they must also be half of the words
        praise_max_words: int = 40

    options: Options = Options()

    name = "identity"
    version = "1"
    axis = Axis.SPAM
    sentences: ClassVar[Mapping[str, str]] = {
        "identity.keyword_name": "The name is made of {count} words to be found by: {words}",
        "identity.name_is_site": "The name advertises the website ({host})",
        "identity.name_is_host": "The name is the website's host ({host})",
        "identity.unrelated_website": "Praise for any article, and a website ({host}) of nobody in it",
        "identity.website_in_text": "The text links to the author's own website ({host})",
    }

    def run(self, context: Context) -> list[Signal]:
        """Signals about the name, then about the website. Websites on the site's own hosts and on domains
        that it allows give no signal.
        """
        name = context.author_name[:200]
        words = _name_words(name)
        keywords = _keywords_in(words)
        signals = self._keyword_name(name, words, keywords)
        host = _foreign_website(context)
        if not host:
            return signals
        if _is_host(name, host):
            signals.append(_named("identity.name_is_host", 2.0, name, host=host[:100]))
        elif keywords and _letters(name) == _letters(_label(host)):
            signals.append(_named("identity.name_is_site", 1.5, name, host=host[:100]))
        is_own = not signals and _fits(words, host)
        return signals if is_own else [*signals, *self._website(context, host)]

    def _keyword_name(self, name: str, words: list[str], keywords: list[str]) -> list[Signal]:
        if len(keywords) < self.options.keywords or 2 * len(keywords) < len(words):
            return []
        shown = ", ".join(keywords[:5])
        return [_named("identity.keyword_name", 1.5, name, count=len(keywords), words=shown)]

    def _website(self, context: Context, host: str) -> list[Signal]:
        """Signals a website to which the text links as well, or, beside generic praise, a website that has
        nothing to do with the text.
        """
        same = [link for link in find_links(context.text) if domain_of(link.host) == domain_of(host)]
        if same:
            spans = tuple(Span(link.start, link.end) for link in same[:20])
            return [_signal("identity.website_in_text", 1.0, spans, host=host[:100])]
        if _PROFILES.match(host) or _is_named_in(host, context.normalised.text):
            return []
        praise = find_praise(context.normalised, max_words=self.options.praise_max_words)
        if praise is None:
            return []
        spans = (praise, Span(0, len(context.website), Field.WEBSITE))
        return [_signal("identity.unrelated_website", 1.0, spans, host=host[:100])]


def _signal(code: str, points: float, spans: tuple[Span, ...], **params: Param) -> Signal:
    return Signal(code, Axis.SPAM, points, "identity", params=params, spans=spans)


def _named(code: str, points: float, name: str, **params: Param) -> Signal:
    return _signal(code, points, (Span(0, len(name), Field.NAME),), **params)


def _foreign_website(context: Context) -> str:
    """The host of the website; empty for none, for the site's own hosts and for domains that it allows."""
    host = host_of(context.website)
    allowed = context.site.lists.allowed_domains if context.site.lists else None
    is_own = bool(host) and DomainSet(context.site.hosts).match(host) is not None
    return "" if is_own or (allowed and allowed.match(host)) else host


def _name_words(name: str) -> list[str]:
    """The folded words of a name. Digits, punctuation and capitals inside a word separate words."""
    return _WORD.findall(normalise(_CAMEL.sub(" ", name)).text)


def _keywords_in(words: list[str]) -> list[str]:
    """The keywords in those of `words` that consist of keywords only; `bestseotools` has three."""
    return [
        part for word in words if (match := _only_keywords().fullmatch(word)) for part in _parts(match[0])
    ]


def _parts(word: str) -> list[str]:
    return _any_keyword().findall(word)


@cache
def _any_keyword() -> re.Pattern[str]:
    """A pattern for the longest keyword at a place. It has no group, so that `findall` returns the words."""
    return re.compile("|".join(sorted(name_keywords(), key=len, reverse=True)))


@cache
def _only_keywords() -> re.Pattern[str]:
    """A pattern for keywords only. The quantifier is possessive, so that matching takes linear time."""
    return re.compile(f"(?:{_any_keyword().pattern})++")


def _letters(text: str) -> str:
    return "".join(character for character in fold_characters(text).text if character.isalnum())


def _label(host: str) -> str:
    """The label that the domain's owner chose: `best-seo` in `www.best-seo.example`."""
    return (registrable_domain(host) or host.removeprefix("www.")).partition(".")[0]


def _is_host(name: str, host: str) -> bool:
    """Whether the name is the host. A name that is recognised as a link is left to the `links` check."""
    bare = host.removeprefix("www.")
    typed = fold_characters(name).text.strip().removeprefix("www.")
    return "." in bare and typed == bare and not find_links(name)


def _fits(words: list[str], host: str) -> bool:
    """Whether the website's host suggests an owner of that name: jane-doe.example for Jane Doe."""
    label, name = _letters(_label(host)), "".join(words)
    if label == name or (len(label) >= _SHORTEST_COMPARED and label in name):
        return True
    return any(len(word) >= _SHORTEST_COMPARED and word in label for word in (*words, name))


def _is_named_in(host: str, folded: str) -> bool:
    """Whether the text contains the label of the website's domain, or a word of it."""
    label = fold_characters(_label(host)).text
    if len(label) >= _SHORTEST_COMPARED and _letters(label) in _letters(folded):
        return True
    return any(len(word) >= _SHORTEST_COMPARED and word in folded for word in _WORD.findall(label))
