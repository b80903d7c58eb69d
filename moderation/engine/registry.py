"""The checks, in the order in which moderators read their findings."""

from moderation.engine.check import Check
from moderation.engine.checks.campaign import Campaign
from moderation.engine.checks.disguise import Disguise
from moderation.engine.checks.disposable_mail import DisposableMail
from moderation.engine.checks.domains import Domains
from moderation.engine.checks.duplicates import Duplicates
from moderation.engine.checks.form import Form
from moderation.engine.checks.gibberish import Gibberish
from moderation.engine.checks.history import History
from moderation.engine.checks.identity import Identity
from moderation.engine.checks.impersonation import Impersonation
from moderation.engine.checks.language import Language
from moderation.engine.checks.links import Links
from moderation.engine.checks.markers import Markers
from moderation.engine.checks.model import Model
from moderation.engine.checks.patterns import Patterns
from moderation.engine.checks.rate import Rate
from moderation.engine.checks.remote import Remote
from moderation.engine.checks.reputation import Reputation
from moderation.engine.checks.site_filter import SiteFilterCheck
from moderation.engine.checks.spun import Spun
from moderation.engine.checks.wordlist import Wordlist

# All of them run, always: the order is for readers, no check ends the run.
LOCAL_CHECKS: tuple[Check, ...] = (
    # An operator tries whether screening works at all.
    Markers(),
    # Who is it, and what do we know of them?
    History(),
    Impersonation(),
    Identity(),
    DisposableMail(),
    # How did it reach us?
    Form(),
    Rate(),
    # Where does it lead?
    Links(),
    Domains(),
    Reputation(),
    # What does it say, and does it hide what it says?
    Model(),
    Wordlist(),
    Patterns(),
    Spun(),
    Disguise(),
    Gibberish(),
    Language(),
    # What would this site's moderators say?
    SiteFilterCheck(),
    # Was it said before?
    Duplicates(),
    Campaign(),
    # What do others say of it?
    Remote(),
)
