"""From the words of Akismet to ours and back: pure both ways."""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address

from moderation.compat.akismet.form import SentForm
from moderation.compat.analysis import ToAnalyse
from moderation.domain.fields import (
    MAX_BODY,
    MAX_NAME,
    CleanFields,
    FieldRefused,
    clean_body,
    clean_email,
    clean_name,
    clean_website,
)
from moderation.domain.signals import Axis
from moderation.domain.status import Outcome, Status
from moderation.engine.facts import FormFacts
from moderation.engine.verdict.judging import Verdict
from moderation.engine.verdict.policy import Policy
from moderation.lib.urls import canonical_or_none, complete_url, host_of

# Texts that readers of the page are meant to see. Everything else may be private (a message by a contact
# form, a registration), and is judged but never stored.
PUBLIC_TYPES = frozenset(
    {"", "comment", "reply", "forum-post", "blog-post", "trackback", "pingback", "review"}
)
_TEST_SPAM = frozenset({"akismet-guaranteed-spam", "akismet-guaranteed-spam@example.com", "viagra-test-123"})
_LONGEST_URL = 2000
_FIRST_YEAR = 1990
_DETAILS = ("comment_post_ID", "comment_parent")
_PLAIN_DETAIL = re.compile(r"[\w-]{1,40}", re.ASCII)
_HONEYPOTS = ("POST_ak_hp_textarea", "ak_hp_textarea")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedComment:
    """One comment as a client describes it. `website`, `name` and the others are cleaned as ours are."""

    fields: CleanFields
    user_ip: str
    page_url: str
    is_reply: bool
    is_honeypot_filled: bool
    is_public: bool
    written_at: datetime | None
    callback: str
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_storable(self) -> bool:
        """Whether it can be one of the site's comments: a public text of somebody on a page."""
        has_author = bool(self.fields.email or self.user_ip)
        return self.is_public and has_author and bool(self.fields.body) and bool(self.page_url)

    @property
    def form_facts(self) -> dict[str, object]:
        """What is known of the reader's form, as `FormFacts` takes it."""
        return {"source": "server", "honeypot_filled": self.is_honeypot_filled}

    def to_analyse(self) -> ToAnalyse:
        """What the engine looks at: the same as after it was stored."""
        return ToAnalyse(
            text=self.fields.body,
            author_name=self.fields.name,
            website=self.fields.website,
            email_domain=self.fields.email.rpartition("@")[2],
            is_reply=self.is_reply,
            thread_url=self.page_url,
            form=FormFacts(source="server", honeypot_filled=self.is_honeypot_filled),
        )


def missing_field(form: SentForm) -> str:
    """The first required field that did not come; "" if all did."""
    return next((name for name in ("blog", "user_ip") if not form[name]), "")


def is_of_site(blog: str, hosts: Collection[str]) -> bool:
    """Whether `blog` is an address on one of the site's own hosts."""
    return _host_or_none(complete_url(blog.strip())) in hosts


def read_comment(form: SentForm, hosts: Collection[str]) -> CheckedComment:
    """The comment in a form whose `blog` is on one of `hosts`. Nothing in it is refused: what cannot be kept
    as it came is shortened, softened or left out, as Akismet has an answer for everything.
    """
    return CheckedComment(
        fields=CleanFields(
            body=_fit(form["comment_content"], clean_body, most=MAX_BODY),
            name=_fit(form["comment_author"], clean_name, most=MAX_NAME),
            email=_fit(form["comment_author_email"], clean_email),
            website=_fit(form["comment_author_url"], clean_website),
        ),
        user_ip=_address(form["user_ip"]),
        page_url=_page(form, hosts),
        is_reply=form["comment_parent"] not in ("", "0") or form["comment_type"] == "reply",
        is_honeypot_filled=_fills_honeypot(form),
        is_public=form["comment_type"].lower() in PUBLIC_TYPES,
        written_at=_moment(form["comment_date_gmt"]),
        callback=_callback(form["callback"], hosts),
        details=_details(form),
    )


def forced_answer(form: SentForm) -> bool | None:
    """Whether a test mode makes it spam (True) or ham (False); None for an ordinary comment."""
    if is_by_test_author(form):
        return True
    return False if form["user_role"].lower() == "administrator" else None


def is_by_test_author(form: SentForm) -> bool:
    """Whether somebody tries the service out, under the name or address that always is spam."""
    return bool(_TEST_SPAM & {form["comment_author"], form["comment_author_email"]})


def is_spam(outcome: Outcome) -> bool:
    """Akismet knows two answers. What is held is ham for the moment: a person or a worker looks again."""
    return outcome in (Outcome.SPAM, Outcome.REJECT)


# What stands decides about a comment that comes again.
OUTCOME_OF_STATUS = {
    Status.PUBLISHED: Outcome.PUBLISH,
    Status.HELD: Outcome.HOLD,
    Status.SPAM: Outcome.SPAM,
    Status.REJECTED: Outcome.REJECT,
}


def is_blatant(verdict: Verdict, policy: Policy) -> bool:
    """Whether a client may drop it unseen: spam by twice the points that suffice."""
    return verdict.outcome == Outcome.SPAM and verdict.scores[Axis.SPAM.value] >= 2 * policy.spam_at


def classify(verdict: Verdict) -> str:
    """One word: what the verdict rests on."""
    if verdict.outcome == Outcome.PUBLISH:
        return "ham"
    if verdict.outcome == Outcome.REJECT:
        return "rule"
    return verdict.reasons[0].axis.value if verdict.reasons else verdict.outcome.value


def _fit(text: str, clean: Callable[[str], str], *, most: int | None = None) -> str:
    """The cleaned text, if need be shortened and without what may not stand in it; "" if nothing is left."""
    drops = ("", "C", "CM") if most else ("",)  # controls first: in many scripts marks are parts of letters
    for categories in drops:
        try:
            return clean(_without(categories, text)[:most])
        except FieldRefused:
            continue
    return ""


def _without(categories: str, text: str) -> str:
    """The text without characters whose Unicode category begins with one of these letters; line breaks become
    spaces then.
    """
    if not categories:
        return text
    spaced = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(sign for sign in spaced if unicodedata.category(sign)[0] not in categories)


def _address(text: str) -> str:
    """An IP address in its usual spelling; "" for anything else."""
    try:
        return str(ip_address(text.partition("%")[0]))
    except ValueError:
        return ""


def _page(form: SentForm, hosts: Collection[str]) -> str:
    """The page that was commented on: `permalink` where it is on the site, else the blog itself."""
    for url in (form["permalink"], complete_url(form["blog"])):
        if len(url) <= _LONGEST_URL and _host_or_none(url) in hosts:
            return canonical_or_none(url) or ""
    return ""


def _host_or_none(url: str) -> str | None:
    try:
        return host_of(url)
    except ValueError:
        return None


def _fills_honeypot(form: SentForm) -> bool:
    names = [*_HONEYPOTS]
    if named := form["honeypot_field_name"]:
        names += [named, f"POST_{named}"]
    return any(form[name] for name in names)


def _moment(text: str) -> datetime | None:
    """A time in ISO 8601, in UTC where it does not say so; None for one before there was a web."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if found.year < _FIRST_YEAR:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _callback(url: str, hosts: Collection[str]) -> str:
    """Where a late verdict may be sent: a page of the site, without anybody's address in it, or ""."""
    if not url or _host_or_none(url) not in hosts:
        return ""
    url = canonical_or_none(url) or ""
    return url if len(url) <= _LONGEST_URL else ""


def _details(form: SentForm) -> dict[str, str]:
    """What WordPress finds its comment by, sent back as it came."""
    return {name: form[name] for name in _DETAILS if _PLAIN_DETAIL.fullmatch(form[name])}
