"""A site's own lists, compiled once per policy version."""

from collections.abc import Iterable
from dataclasses import dataclass

from moderation.engine.text.domain_names import DomainSet
from moderation.engine.text.word_matching import WordMatcher


@dataclass(frozen=True, slots=True)
class SiteLists:
    """The words and domains that a site blocks and allows. Immutable, so that callers can cache it."""

    blocked_words: WordMatcher
    allowed_words: WordMatcher
    blocked_domains: DomainSet
    allowed_domains: DomainSet

    @classmethod
    def compile(
        cls,
        blocked_words: Iterable[str] = (),
        allowed_words: Iterable[str] = (),
        blocked_domains: Iterable[str] = (),
        allowed_domains: Iterable[str] = (),
    ) -> "SiteLists":
        """Compile the lists. Words are folded as texts are; a trailing `*` matches any ending ("spam*").

        Domains cover their subdomains. Entries that fold to nothing are left out.
        """
        return cls(
            blocked_words=WordMatcher(dict.fromkeys(blocked_words, 1)),
            allowed_words=WordMatcher(dict.fromkeys(allowed_words, 1)),
            blocked_domains=DomainSet(blocked_domains),
            allowed_domains=DomainSet(allowed_domains),
        )
