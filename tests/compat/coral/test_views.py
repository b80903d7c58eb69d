"""The address of Coral's moderation phase."""

import hashlib
import hmac
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import OperationalError

from moderation.compat.coral.signature import is_signed
from moderation.compat.shapes import shape_refusal
from moderation.flow.record import SYSTEM
from moderation.flow.site.coral import change_coral_secret
from moderation.flow.site.settings import create_key, revoke_key
from moderation.models import Comment, Site, SiteKey
from moderation.models.key import KeyKind
from tests.builders import build_site
from tests.compat.coral.test_mapping import THREAT, coral_body
from tests.compat.mutations import RecordedRequest, assert_unbroken, load_pairs, mutants, send
from tests.compat.wire import WireAnswer, call

pytestmark = pytest.mark.django_db
# Of the body below and the secret "secret", by `openssl dgst -sha256 -hmac secret`.
KNOWN = "12c5a622ee3d51f4f3be47999e290c95d664e551c24d8eb26faf6c4f3507c6cc"
SECRET = "8ad9f07bb0fbb1d8e0a8d5e4a55bb5cf6a5b2f2b1a60ab1d4f3e63e6d8a1c0f2"
PAIRS = load_pairs(Path(__file__).parent / "recorded")


@pytest.fixture
def site() -> Site:
    site = build_site()
    change_coral_secret(site.id, SECRET, actor=SYSTEM)
    return site


@pytest.fixture
def key(site: Site) -> str:
    return create_key(site.id, KeyKind.PUBLIC, actor=SYSTEM).plain


def sign(body: bytes, secret: str = SECRET) -> str:
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def signed(request: RecordedRequest, key: str) -> RecordedRequest:
    """The recorded request for this key, signed anew."""
    headers = dict(request.headers) | {"X-Coral-Signature": sign(request.body)}
    return replace(request, path=request.path.replace("PUBLIC_KEY", key), headers=headers)


def ask(key: str, body: bytes, signature: str | None = None, *, method: str = "POST") -> tuple[int, bytes]:
    headers = {"X-Coral-Signature": sign(body) if signature is None else signature}
    answer = call(method, f"/compat/coral/{key}", body, headers=headers)
    return answer.status, answer.raw


def is_own_shape(answer: WireAnswer) -> bool:
    if answer.status == 204:
        return answer.raw == b""
    if answer.status == 200:
        return set(answer.body) == {"status", "actions"}
    return answer.kind == "application/json" and set(answer.body) == {"error"}


@pytest.mark.parametrize("pair", PAIRS, ids=[pair.name for pair in PAIRS])
def test_a_recorded_request_is_answered_as_promised(pair, key: str):
    answer = send(signed(pair.request, key))
    assert answer.status == pair.status
    assert (answer.body if answer.raw else None) == pair.response


def test_nothing_is_stored(key: str):
    assert ask(key, coral_body(comment={"body": THREAT, "parentID": None}))[0] == 200
    assert Comment.objects.count() == 0


def test_one_of_several_signatures_is_enough(key: str):
    body = coral_body()
    other = sign(body, "another secret of sixteen")
    assert ask(key, body, f"{other},{sign(body)}")[0] == 204
    assert ask(key, body, f"{sign(body)}, {other}")[0] == 204
    assert ask(key, body, sign(body).upper().replace("SHA256", "sha256"))[0] == 204


@pytest.mark.parametrize(
    "signature",
    ["", "sha256=", "sha256=00", "sha1=00", ",", "sha256=" + "ü" * 64, sign(coral_body(), "another secret")],
)
def test_without_a_right_signature_it_is_refused(key: str, signature: str):
    assert ask(key, coral_body(), signature)[0] == 401


def test_a_changed_body_is_refused(key: str):
    body = coral_body()
    assert ask(key, body + b" ", sign(body))[0] == 401


def test_without_a_stored_secret_every_request_is_refused(site: Site, key: str):
    assert ask(key, coral_body())[0] == 204
    change_coral_secret(site.id, "", actor=SYSTEM)
    assert ask(key, coral_body())[0] == 401


def test_a_new_secret_replaces_the_former_one(site: Site, key: str):
    new = "a-new-secret-of-Coral"
    change_coral_secret(site.id, new, actor=SYSTEM)
    assert ask(key, coral_body())[0] == 401
    assert ask(key, coral_body(), sign(coral_body(), new))[0] == 204


def test_the_secret_of_one_site_opens_no_other(key: str):
    other = build_site("The Other Paper", host="other.example")
    change_coral_secret(other.id, "the-other-paper's-secret", actor=SYSTEM)
    others_key = create_key(other.id, KeyKind.PUBLIC, actor=SYSTEM).plain
    assert ask(others_key, coral_body())[0] == 401
    assert ask(key, coral_body(), sign(coral_body(), "the-other-paper's-secret"))[0] == 401


def test_wrong_and_revoked_keys_are_refused(site: Site, key: str):
    assert ask("cm_pk_wrong", coral_body())[0] == 401
    revoke_key(SiteKey.objects.get(public_id=key.removeprefix("cm_pk_")).id, site_id=site.id, actor=SYSTEM)
    assert ask(key, coral_body())[0] == 401


def test_a_signed_body_that_is_not_corals_is_told_why(key: str):
    status, body = ask(key, b"[]")
    assert (status, json.loads(body)["error"]["message"]) == (400, "The body must be a JSON object.")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_another_method_is_refused(key: str, method: str):
    assert ask(key, coral_body(), method=method)[0] == 405


def test_other_addresses_and_long_bodies_are_refused_in_the_same_shape(key: str):
    assert_unbroken(RecordedRequest("POST", "/compat/coral"), is_own_shape)
    lost = assert_unbroken(RecordedRequest("POST", f"/compat/coral/{key}/x"), is_own_shape)
    assert lost.status == 404
    assert ask(key, b"a" * 140_000)[0] == 413


def test_the_shells_refusals_have_the_same_shape():
    shaped = shape_refusal("/compat/coral/x", status=503, code="busy", detail="Too many requests.")
    assert shaped is not None
    assert json.loads(shaped.body) == {"error": {"message": "Too many requests."}}


def test_a_key_has_a_minute_of_its_own_where_calls_are_limited(key: str, settings):
    settings.SCORE_CALLS_PER_MINUTE = 1
    assert [ask(key, coral_body())[0] for _ in range(2)] == [204, 429]


def test_without_a_database_it_is_unavailable_for_a_moment(key: str, monkeypatch: pytest.MonkeyPatch):
    def fail(site_id: object) -> None:
        raise OperationalError

    monkeypatch.setattr("moderation.compat.coral.views.signing_secret", fail)
    assert ask(key, coral_body())[0] == 503


def test_neither_secret_nor_key_nor_text_gets_into_the_log(key: str, written: io.StringIO):
    body = coral_body(comment={"body": THREAT, "parentID": None})
    ask(key, body)
    ask(key, body, "sha256=00")
    ask(key, b"[]")
    call("POST", f"/compat/coral/{key}/x")
    for kept_out in (SECRET, key.removeprefix("cm_pk_"), "stupid"):
        assert kept_out not in written.getvalue()


def test_a_known_signature_is_accepted_and_a_shorter_or_later_one_is_not():
    body = b'{\n  "action": "NEW"\n}'
    given = "sha256=" + KNOWN
    assert is_signed(body, given, "secret")
    assert not is_signed(body, given[:-1], "secret")
    assert not is_signed(body, ",".join(["sha256=00"] * 10 + [given]), "secret")


@pytest.mark.fuzz
@pytest.mark.parametrize("pair", PAIRS, ids=[pair.name for pair in PAIRS])
def test_mutants_that_are_signed_break_nothing(pair, key: str):
    recorded = replace(pair, request=signed(pair.request, key))
    answered = 0
    for mutant in mutants([recorded], seed=12, count=2000):
        sent = mutant
        if "headers" not in mutant.mutations:
            sent = replace(mutant, headers=dict(mutant.headers) | {"X-Coral-Signature": sign(mutant.body)})
        answered += assert_unbroken(sent, is_own_shape).status < 300
    assert answered


@pytest.mark.fuzz
def test_mutants_with_the_former_signature_are_answered_only_with_the_same_body(key: str):
    request = signed(PAIRS[0].request, key)
    for mutant in mutants([replace(PAIRS[0], request=request)], seed=13, count=2000):
        answer = assert_unbroken(mutant, is_own_shape)
        assert answer.status >= 400 or mutant.body == request.body
