"""Everything that checks may look at: plain values, gathered in bulk before any check runs."""

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
    """How the submission reached us.

    `source` is `form` (our own page), `script` (a public key), `server` (a secret key) or
    `import`. `token_age_s` is None where no form token came; `token_by_script` says that a
    script fetched the token, so that a person cannot have been slower than the script.
    """

    source: str = "server"
    honeypot_filled: bool = False
    token_age_s: float | None = None
    token_by_script: bool = False
    token_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class AuthorFacts:
    """The author's record on this site, counted over people's and machines' decisions.

    `is_proven` is True only for an address that was proven (a link was followed, or the site
    vouches); counts of an unproven address may raise suspicion but never trust.
    `key` is an opaque name of the author.
    """

    is_proven: bool = False
    published: int = 0
    rejected: int = 0
    spam: int = 0
    key: str = ""

    @property
    def has_record(self) -> bool:
        """Whether a proven address was published before."""
        return self.is_proven and self.published > 0


@dataclass(frozen=True, slots=True)
class EarlierText:
    """A former comment of the same site with the same or nearly the same text."""

    comment_id: str
    same_author: bool
    same_thread: bool
    status: str
    similarity: float  # 1.0 = the same after normalising
    age_s: float


@dataclass(frozen=True, slots=True)
class RateFacts:
    """Submissions on this site before this one, by the same author or the same address hash."""

    author_last_10_minutes: int = 0
    author_last_day: int = 0
    ip_last_10_minutes: int = 0
    ip_last_day: int = 0


@dataclass(frozen=True, slots=True)
class DomainFacts:
    """What people on all sites of the installation made of comments that led to a domain.

    `spam` and `ham` are decisions that fade (halved in 30 days), one at most per site, author and day,
    and few from sites other than the comment's own; the counts are of whole decisions, not faded.
    """

    spam: float = 0.0
    ham: float = 0.0
    spam_decisions: int = 0
    spam_authors: int = 0
    ham_authors: int = 0
    ham_sites: int = 0
    known_days: float | None = None  # since it was first seen here; None while all is new here
    noted_days: float | None = None  # since it was last written down; None: never

    def is_newer_than(self, days: float) -> bool:
        """Whether nobody led to it here before then."""
        return self.known_days is not None and self.known_days < days

    @property
    def spam_share(self) -> float:
        """0 to 1; a doubt in favour of the domain is as good as one harmless comment."""
        return self.spam / (self.spam + self.ham + 1.0)

    @property
    def is_known_good(self) -> bool:
        """Whether people published it on two sites, or for three authors, and hardly ever removed it."""
        return (self.ham_sites >= 2 or self.ham_authors >= 3) and 9 * self.spam <= self.ham


@dataclass(frozen=True, slots=True)
class Cluster:
    """How many authors without a record named the same domain or contact within a day, this one included, in
    how many threads of how many sites. Counts only, without the authors' identities.
    """

    authors: int = 0
    threads: int = 0
    sites: int = 0


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """`alike`: those whose texts are alike, too; `linked`: all who lead to a domain that is new here."""

    alike: Cluster = Cluster()
    linked: Cluster = Cluster()


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What a site says of itself, and its learned filter. `lists` and `learned` are loaded once per
    version.
    """

    site_id: str
    hosts: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()  # ISO 639-1; empty: any
    staff_names: tuple[str, ...] = ()
    lists: SiteLists | None = None
    learned: LearnedFilter | None = None
    remote_version: int = 0  # 0: the site never had an outside service


@dataclass(frozen=True, slots=True)
class AskedService:
    """An outside service that is switched on: enough to know whether it has to be asked."""

    service_id: str
    version: int
    asks_about: AsksAbout
    on_failure: str


@dataclass(frozen=True, slots=True)
class RemoteReport:
    """What is stored of one question about this revision; `findings` are those of the kind's client."""

    service_id: str
    kind: str
    state: str
    on_failure: str
    error: str = ""
    findings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RemoteFacts:
    """The site's outside services, and what they said of this revision so far."""

    services: tuple[AskedService, ...] = ()
    reports: tuple[RemoteReport, ...] = ()

    def to_ask(self, outcome: Outcome) -> tuple[AskedService, ...]:
        """The services that still have to report where the checks so far come to `outcome`. A comment that is
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
    """One revision with everything that is known about it. Of the address it has only `email_domain`."""

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
    domains: Mapping[str, DomainFacts] = field(default_factory=dict)  # those that it leads to
    campaign: CampaignFacts = CampaignFacts()
    is_reply: bool = False
    thread_url: str = ""
    submitted_at: datetime | None = None
    remote: RemoteFacts = field(default_factory=RemoteFacts)
