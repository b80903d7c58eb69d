"""Every way in which an address reaches the service, taken with the canary."""

import json
from datetime import timedelta
from uuid import uuid4

import time_machine
from django.test import TestCase

from moderation.embed.form import CONSENT, HONEYPOT
from moderation.flow.comments.flood import AUTHOR_CAPACITY
from moderation.lib.clock import now
from moderation.privacy.tokens import form_token
from tests.builders import submit
from tests.canary.scene import Scene
from tests.canary.sender import Sender

HOME = "198.19.0.7"  # where the reader sits who says things again and too often
EMPTY_FIELDS = {"comment": "", "author": ""}
LINKED = "They say the opposite in https://city.example/rents and https://city.example/more."


def submit_everywhere(scene: Scene) -> None:
    """Take every way in: those that are accepted and those that are refused."""
    submit_by_flow(scene)
    sender = Sender(scene)
    submit_by_server(sender)
    submit_by_akismet(sender)
    submit_by_cleantalk(sender)
    submit_malformed(sender)
    submit_by_page(sender)
    submit_by_form(sender)
    submit_too_often(sender)


def submit_by_flow(scene: Scene) -> None:
    """Without any face; also as a person who proved to own the address, and once in capitals."""
    address = scene.canary.address
    with TestCase.captureOnCommitCallbacks(execute=True):
        submit(scene.site, email=address, url=scene.url)
        submit(
            scene.site, "A remark by a proven reader.", email=address, url=scene.url, is_author_proven=True
        )
        submit(scene.site, LINKED, email=address.upper(), url=scene.url, ip="203.0.113.7")
        submit(scene.other_site, email=address, url="https://other.example/page")


def submit_by_server(sender: Sender) -> None:
    """By a secret key, with the address wherever a request has room for it."""
    address = sender.scene.canary.address
    sender.post_json("secret key", 202, {"author_ip": "203.0.113.7"})
    named = {"Idempotency-Key": address}
    sender.post_json("address as idempotency key", 202, headers=named)
    sender.post_json(
        "idempotency key again", 202, {"body": "A remark by API: address as idempotency key."}, headers=named
    )
    sender.post_json("idempotency key for another body", 422, headers=named)
    talkative = {"User-Agent": address, "Referer": f"https://x.example/?email={address}", "X-Email": address}
    sender.post_json("address in headers", 202, headers=talkative)
    sender.post_json("duplicate", 409, {"body": "A remark by API: secret key."})
    sender.post_json("several links", 202, {"body": f"{LINKED} Thank you."})
    page = f"{sender.scene.url}?email={address}&page=2"
    sender.post_json("address in the page's URL", 202, {"thread": {"url": page}})


def submit_by_akismet(sender: Sender) -> None:
    """As clients of Akismet do, with the address wherever their form has room for it."""
    address = sender.scene.canary.address
    check = "/1.1/comment-check"
    sender.post_akismet("akismet check", check)
    sender.post_akismet("akismet check", check)
    sender.post_akismet("akismet report", "/1.1/submit-ham")
    sender.post_akismet("akismet links", check, {"comment_content": f"{LINKED} Well, well."})
    everywhere = dict.fromkeys(
        ("user_agent", "referrer", "guid", "comment_post_ID", "recheck_reason", "HTTP_COOKIE", "POST_email"),
        address,
    )
    page = f"{sender.scene.url}?email={address}"
    named = {"permalink": page, "callback": page, "comment_date_gmt": address, "user_ip": address}
    sender.post_akismet("akismet everywhere", check, everywhere | named)
    for name in ("api_key", "blog", "comment_author_email"):
        sender.post_akismet(f"akismet {name}", check, {"is_test": "1", name: f"{address}@"})


def submit_by_cleantalk(sender: Sender) -> None:
    """As clients of CleanTalk do, with the address wherever their JSON has room for it."""
    address = sender.scene.canary.address
    sender.post_cleantalk("cleantalk check")
    sender.post_cleantalk("cleantalk check")
    page = json.dumps({"comment_type": "comment", "post_url": f"{sender.scene.url}?email={address}"})
    everywhere = dict.fromkeys(("agent", "sender_info", "sender_ip", "response_lang", "example"), address)
    sender.post_cleantalk("cleantalk everywhere", everywhere | {"post_info": page})
    sender.post_cleantalk("cleantalk registration", {"method_name": "check_newuser"})
    sender.post_cleantalk("cleantalk feedback", {"method_name": "send_feedback", "feedback": f"{address}:1"})
    sender.post_cleantalk("cleantalk key", {"auth_key": address})
    sender.post_cleantalk("cleantalk unreadable", {"method_name": address})


def submit_malformed(sender: Sender) -> None:
    """By bodies and keys that are refused, each for another reason."""
    address = sender.scene.canary.address
    quoted = json.dumps(address).encode()
    for label, status, raw in (
        ("truncated", 400, b'{"email": ' + quoted),
        ("key twice", 400, b'{"email": %b, "email": %b}' % (quoted, quoted)),
        ("list", 400, b"[%b]" % quoted),
        ("bad bytes", 400, b'{"email": "\xff\xfe' + address.encode() + b'"}'),
        ("too deep", 400, b'{"email": ' + b"[" * 30 + quoted + b"]" * 30 + b"}"),
        ("too large", 413, b'{"email": ' + quoted + b" " * 140_000 + b"}"),
        ("NUL", 400, b'{"email": "' + address.encode() + b'\\u0000"}'),
    ):
        sender.post_json(label, status, raw=raw)
    sender.post_json("as a field's name", 400, {address: 1})
    sender.post_json("in a list", 400, {"email": [address]})
    sender.post_json("not an address", 400, {"email": f"{address}@"})
    sender.post_json("line break", 400, {"email": f"{address}\r\nBcc: x"})
    sender.post_json("as parent", 400, {"parent": address})
    sender.post_json("as author_ip", 400, {"author_ip": address})
    sender.post_json("as submitted_at", 400, {"submitted_at": address})
    sender.post_json("unknown parent", 400, {"parent": str(uuid4())})
    sender.post_json("bad idempotency key", 400, headers={"Idempotency-Key": address + "é"})
    sender.post_json("wrong key", 401, key=f"cm_sk_{address}")
    sender.post_json("as content type", 415, headers={"Content-Type": f"text/plain; charset={address}"})


def submit_by_page(sender: Sender) -> None:
    """By a public key, as a script in a page."""
    key, origin = sender.scene.public_key, sender.scene.url.partition("/articles")[0]
    named = {"Origin": origin, "Idempotency-Key": sender.scene.canary.address}
    sender.post_json("public key", 202, key=key, headers=named)
    sender.post_json("foreign origin", 403, key=key, headers={"Origin": "https://evil.example"})
    sender.post_json("foreign page", 403, {"thread": {"url": "https://evil.example/"}}, key=key)


def submit_by_form(sender: Sender) -> None:
    """By the readers' form, under an article and in a frame: refused in every way, then taken."""
    address = sender.scene.canary.address
    sender.post_form("invalid fields", 422, EMPTY_FIELDS)
    sender.post_form("invalid address", 422, {"email": f"{address}@"})
    sender.post_form("no token", 422, {"form_token": ""})
    sender.post_form("address as token", 422, {"form_token": address})
    sender.post_form("expired token", 422, {"form_token": _expired_token(sender.scene)})
    sender.post_form("unknown parent", 403, {"comment_parent": str(uuid4())})
    sender.post_form("address as parent", 403, {"comment_parent": address})
    sender.post_form("invalid in a frame", 422, EMPTY_FIELDS, framed_by=sender.scene.url)
    sender.post_form("frame of a foreign page", 403, framed_by="https://evil.example/")
    sender.post_form("form", 303, {CONSENT: "yes"}, network=HOME)
    sender.post_form("form in a frame", 303, framed_by=sender.scene.url)
    sender.post_form("form duplicate", 409, {"comment": "A remark by form: form."}, network=HOME)


def submit_too_often(sender: Sender) -> None:
    """Once more than one reader may."""
    for number in range(AUTHOR_CAPACITY - 2):  # two came from there before
        sender.post_form(f"form {number}", 303, network=HOME)
    sender.post_form("flood", 429, {HONEYPOT: sender.scene.canary.address}, network=HOME)
    sender.post_json("flood by public key", 429, key=sender.scene.public_key, network=HOME)


def _expired_token(scene: Scene) -> str:
    with time_machine.travel(now() - timedelta(days=2), tick=False):
        return form_token(site_id=scene.site.id, thread=scene.url)
