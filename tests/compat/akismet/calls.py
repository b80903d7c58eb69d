"""Calls of the Akismet API, as its clients make them."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import create_key
from moderation.models import Comment, Site, SiteKey
from moderation.models.key import KeyKind, Scope
from moderation.privacy import vault
from moderation.queries.keys import akismet_id
from tests.compat.wire import WireAnswer, call

FORM = "application/x-www-form-urlencoded"
HOST = "rest.akismet.com"
BLOG, PAGE = "https://news.example", "https://news.example/first"
KEY = "aoeu1aoue123"
CLEAN = "A calm and reasonable remark."
LINKED = "They say the opposite in https://city.example/rents though."
# Spam whatever the models say: the checks know this mark.
SPAM = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"

Fields = Mapping[str, str] | Sequence[tuple[str, str]]


def post(path: str, fields: Fields, *, host: str = HOST, query: str = "") -> WireAnswer:
    """A form, as nearly all clients send it."""
    body = urlencode(list(fields.items()) if isinstance(fields, Mapping) else fields).encode()
    return call("POST", path, body, headers={"Host": host}, kind=FORM, query=query)


def check(content: str = CLEAN, **changes: str) -> WireAnswer:
    """comment-check for a usual comment; `changes` replace fields, and an empty one is left out."""
    return post("/1.1/comment-check", usual(content, **changes))


def report(kind: str, content: str = CLEAN, **changes: str) -> WireAnswer:
    """submit-spam or submit-ham."""
    return post(f"/1.1/submit-{kind}", usual(content, **changes))


def usual(content: str = CLEAN, **changes: str) -> dict[str, str]:
    """The fields of a usual comment."""
    fields = {
        "api_key": KEY,
        "blog": BLOG,
        "user_ip": "203.0.113.77",
        "user_agent": "Mozilla/5.0",
        "permalink": PAGE,
        "comment_type": "comment",
        "comment_author": "Ada Reader",
        "comment_author_email": "ada@reader.example",
        "comment_content": content,
        "blog_charset": "UTF-8",
        **changes,
    }
    return {name: value for name, value in fields.items() if value}


def adopt_key(site: Site, text: str = KEY) -> SiteKey:
    """An Akismet key of the site with this very text."""
    key = create_key(site.id, KeyKind.AKISMET, actor=SYSTEM).key
    key.public_id = akismet_id(vault.short_key_names(text)[0])
    key.sealed = vault.seal_secret(text, site_id=site.id, row_id=key.id)
    key.save()
    return key


def secret_key(site: Site, *scopes: Scope) -> str:
    """An ordinary secret key of the site."""
    return create_key(site.id, KeyKind.SECRET, scopes=scopes, actor=SYSTEM).plain


def stored(answer: WireAnswer) -> Comment:
    """The comment that an answer names."""
    return Comment.objects.get(id=answer.headers["x-akismet-guid"])
