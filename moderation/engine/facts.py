"""All facts that checks may use: plain values, loaded in bulk before any check runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moderation.domain.remote import AnswerState, AsksAbout
from moderation.domain.status import Outcome
from moderation.engine.text.site_lists import SiteLists
from moderation.language.fold.normalise import Normalised
from moderation.language.site_filter.training import LearnedFilter


@dataclass(frozen=True, slots=True)
class FormFacts:
    """How the comment was submitted.

    `source` is `form` (our own page), `script` (a public key), `server` (a secret key) or `import`.
    `token_age_s` is None if no form token was sent. `token_by_script` tells that a script fetched the token
    when the page was opened; other tokens are as old as the page, which may come from a cache.
    `token_confirmed` tells that the author confirmed a stale form. `work` is a `WorkState`, or "" if the site
    asked for no proof of work then.
    """

    source: str = "server"
    honeypot_filled: bool = False
    token_age_s: float | None = None
    token_by_script: bool = False
    token_confirmed: bool = False
    work: str = ""


@dataclass(frozen=True, slots=True)
class AuthorFacts:
    """The author's record on this site: counts of decisions by people and by the engine.

    `is_proven` is True only for a proven address (its owner followed a link, or the site vouches for it);
    counts of an unproven address may raise suspicion but never trust. `key` is an opaque identifier of the
    author.
    """

    is_proven: bool = False
    published: int = 0
    rejected: int = 0
    spam: int = 0
    key: str = ""

    @property
    def has_record(self) -> bool:
        """Whether the address is proven and comments with it were published before."""
        return self.is_proven and self.published > 0


@dataclass(frozen=True, slots=True)
class EarlierText:
    """An earlier comment on the same site with the same or nearly the same text."""

    comment_id: str
    same_author: bool
    same_thread: bool
    status: str
    similarity: float  # 0 to 1; 1 means equal after folding
    age_s: float


@dataclass(frozen=True, slots=True)
class RateFacts:
    """The numbers of earlier submissions on this site by the same author and with the same hash of the IP
    address (for IPv6, of its /64 network).
    """

    author_last_10_minutes: int = 0
    author_last_day: int = 0
    ip_last_10_minutes: int = 0
    ip_last_day: int = 0


@dataclass(frozen=True, slots=True)
class DomainFacts:
    """People's decisions, on all sites of the installation, about comments that link to a domain.

    `spam` and `ham` are sums of decision weights, which halve every 30 days. At most one decision of each
    kind counts for a site, author and day, and the sum of each other site is limited. The remaining counts
    are not weighted.
    """

    spam: float = 0.0
    ham: float = 0.0
    spam_decisions: int = 0
    spam_authors: int = 0
    ham_authors: int = 0
    ham_sites: int = 0
    known_days: float | None = None  # since it was first seen; None while the installation is new
    noted_days: float | None = None  # since its record was last updated; None without a record

    def is_newer_than(self, days: float) -> bool:
        """Whether the domain was first seen less than `days` ago."""
        return self.known_days is not None and self.known_days < days

    @property
    def spam_share(self) -> float:
        """The weighted share of spam, 0 to 1, with one harmless comment added as a prior."""
        return self.spam / (self.spam + self.ham + 1.0)

    @property
    def is_known_good(self) -> bool:
        """Whether people published it on two sites or for three authors, and at most a tenth is spam."""
        return (self.ham_sites >= 2 or self.ham_authors >= 3) and 9 * self.spam <= self.ham


@dataclass(frozen=True, slots=True)
class Cluster:
    """The numbers of authors without a record who posted the same domain or contact within a day, this author
    included, and of the threads and sites in which they did. It does not identify the authors.
    """

    authors: int = 0
    threads: int = 0
    sites: int = 0


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """`alike` counts authors whose texts are also similar, `linked` all who link to a domain that is new."""

    alike: Cluster = Cluster()
    linked: Cluster = Cluster()


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """A site's settings and its fitted filter. `lists` and `learned` are loaded once for each version."""

    site_id: str
    hosts: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()  # ISO 639-1; empty: any
    staff_names: tuple[str, ...] = ()
    lists: SiteLists | None = None
    learned: LearnedFilter | None = None
    remote_version: int = 0  # 0: the site never had an outside service
    asks_for_work: bool = False  # readers' comments without a proof of work are held now


@dataclass(frozen=True, slots=True)
class AskedService:
    """An outside service that is switched on: what is needed to decide whether it has to be asked."""

    service_id: str
    version: int
    asks_about: AsksAbout
    on_failure: str


@dataclass(frozen=True, slots=True)
class RemoteReport:
    """The stored result of one request about this revision; `findings` come from the client of its `kind`."""

    service_id: str
    kind: str
    state: str
    on_failure: str
    error: str = ""
    findings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RemoteFacts:
    """The site's outside services, and their reports about this revision so far."""

    services: tuple[AskedService, ...] = ()
    reports: tuple[RemoteReport, ...] = ()

    def to_ask(self, outcome: Outcome) -> tuple[AskedService, ...]:
        """The services that still have to report if the signals so far result in `outcome`. A comment that is
        spam or rejected without them is not sent to them.
        """
        if outcome not in (Outcome.PUBLISH, Outcome.HOLD):
            return ()
        reported = {r.service_id for r in self.reports if r.state != AnswerState.WAITING}
        return tuple(
            service
            for service in self.services
            if service.service_id not in reported
            and (service.asks_about == AsksAbout.ALL or outcome == Outcome.HOLD)
        )


@dataclass(frozen=True, slots=True)
class Context:
    """One revision with all facts about it. Of the author's address it contains only the domain."""

    text: str
    normalised: Normalised
    author_name: str
    website: str
    email_domain: str
    site: SiteFacts
    author: AuthorFacts = field(default_factory=AuthorFacts)
    form: FormFacts = field(default_factory=FormFacts)
    rate: RateFacts = field(default_factory=RateFacts)
    earlier: tuple[EarlierText, ...] = ()
    domains: Mapping[str, DomainFacts] = field(default_factory=dict)  # to which it links
    campaign: CampaignFacts = CampaignFacts()
    is_reply: bool = False
    thread_url: str = ""
    submitted_at: datetime | None = None
    remote: RemoteFacts = field(default_factory=RemoteFacts)
