"""The checks, in the order in which they tell a comment's story to a moderator."""

from moderation.checks.campaign import Campaign
from moderation.checks.check import Check
from moderation.checks.disguise import Disguise
from moderation.checks.disposable_mail import DisposableMail
from moderation.checks.domains import Domains
from moderation.checks.duplicates import Duplicates
from moderation.checks.form import Form
from moderation.checks.gibberish import Gibberish
from moderation.checks.history import History
from moderation.checks.identity import Identity
from moderation.checks.impersonation import Impersonation
from moderation.checks.language import Language
from moderation.checks.links import Links
from moderation.checks.model import Model
from moderation.checks.patterns import Patterns
from moderation.checks.rate import Rate
from moderation.checks.remote import Remote
from moderation.checks.reputation import Reputation
from moderation.checks.site_filter import SiteFilter
from moderation.checks.spun import Spun
from moderation.checks.test_strings import TestStrings
from moderation.checks.wordlist import Wordlist

# All of them run, always: the order is for readers, no check ends the run.
LOCAL_CHECKS: tuple[Check, ...] = (
    # An operator tries whether screening works at all.
    TestStrings(),
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
    SiteFilter(),
    # Was it said before?
    Duplicates(),
    Campaign(),
    # What do others say of it?
    Remote(),
)
