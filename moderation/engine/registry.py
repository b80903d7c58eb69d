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

# All checks run on every comment. The order is for moderators only; no check ends the run.
LOCAL_CHECKS: tuple[Check, ...] = (
    # Test markers, by which an operator verifies that screening works.
    Markers(),
    # Who is the author, and what is known about the author?
    History(),
    Impersonation(),
    Identity(),
    DisposableMail(),
    # How was the comment sent?
    Form(),
    Rate(),
    # Where do its links lead?
    Links(),
    Domains(),
    Reputation(),
    # What does the text say, and is it disguised?
    Model(),
    Wordlist(),
    Patterns(),
    Spun(),
    Disguise(),
    Gibberish(),
    Language(),
    # How would this site's moderators decide?
    SiteFilterCheck(),
    # Was the same text or address submitted before?
    Duplicates(),
    Campaign(),
    # What do outside services find?
    Remote(),
)
