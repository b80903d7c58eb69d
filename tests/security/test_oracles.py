"""Nobody can find out by asking whose address is known here, or which accounts there are."""

import re
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import create_key, revoke_key
from moderation.models import Comment, Site
from moderation.models.key import KeyKind
from moderation.privacy.tokens import form_token
from tests.api.calls import Api, public_api, submission
from tests.builders import build_moderator, screen_all, submit_screened
from tests.embed.forms import POST_TO, Sent, build_demo_site, url

pytestmark = pytest.mark.django_db

KNOWN = "wilma@reader.example"
TEXT = "My grandmother sold eggs on that boat."
# Differs from answer to answer, whoever asks.
_VARIES = re.compile(
    "|".join(
        (
            r"[0-9a-f]{8}-[0-9a-f-]{27}",
            r"[0-9a-f]{32}",
            r"(view|token)=[\w.:=-]+",
            r'name="(form_token|csrfmiddlewaretoken)" value="[^"]+"',
            r'nonce="[^"]+"',
            r"Try again in \d+ seconds",
            r"Retry-After: \d+",
            r"Expires: .*",
            r"csrf=[^;]+;",
            r"expires=[^;]+;",
        )
    )
)


@pytest.fixture
def site() -> Site:
    site = build_demo_site()
    say_as_wilma(site, TEXT)
    return site


def say_as_wilma(site: Site, text: str) -> None:
    """A comment of hers as it stands there."""
    submit_screened(
        site,
        text,
        email=KNOWN,
        name="Wilma Dray",
        url=url(),
        form_facts={"source": "form"},
        ip="198.51.100.7",
    )


def strangers() -> str:
    return f"{uuid4().hex[:8]}@stranger.example"


def plain(response, *typed: str) -> tuple[int, str, str]:
    """All that an asker is told, without what differs each time and without what they typed."""
    heads = "\n".join(
        f"{name}: {value}" for name, value in sorted(response.items()) if name != "Content-Length"
    )
    told = [_VARIES.sub("*", text) for text in (heads + response.cookies.output(), response.content.decode())]
    for each in typed:
        told = [text.replace(each, "TYPED") for text in told]
    return response.status_code, told[0], told[1]


def post(site: Site, email: str, network: str, **changes: str) -> Sent:
    values = {
        "comment": TEXT,
        "author": "Wilma Dray",
        "email": email,
        "url": "",
        "form_token": form_token(site_id=site.id, thread=url()),
        **changes,
    }
    response = Client().post(POST_TO, values, REMOTE_ADDR=network)
    return Sent(response, response.content.decode())


@pytest.mark.parametrize("name", ["Wilma Dray", "Somebody Else"])
@pytest.mark.parametrize("text", [TEXT, "Another remark altogether."])
def test_the_form_answers_a_known_address_like_any_other(site: Site, name: str, text: str) -> None:
    """Text and name of a comment are public: repeating them with a guessed address must tell nothing."""
    other = strangers()
    told = []
    for email, network in ((KNOWN, "203.0.113.9"), (other, "192.0.2.9")):
        sents = [post(site, email, network, comment=text, author=name) for _ in range(6)]
        # The first is taken, then the same reader repeats it.
        assert [sent.status for sent in sents] == [303, 409, 409, 409, 409, 409]
        told.append([plain(sent.response, KNOWN, other) for sent in sents])
    assert told[0] == told[1]


def test_a_fast_reader_is_told_to_wait_whosever_the_address(site: Site) -> None:
    other = strangers()
    told = []
    for email, network in ((KNOWN, "203.0.113.9"), (other, "192.0.2.9")):
        sents = [post(site, email, network, comment=f"{TEXT}{'!' * n}") for n in range(8)]
        assert [sent.status for sent in sents] == [303] * 4 + [429] * 4
        told.append([plain(sent.response, KNOWN, other) for sent in sents])
    assert told[0] == told[1]


def test_a_guess_by_another_hand_is_stored_and_looked_at_like_a_strangers(site: Site) -> None:
    other = "The old mill burned down in that dry summer, I think."  # each text is copied once
    say_as_wilma(site, other)
    first = post(site, KNOWN, "203.0.113.9")
    again = post(site, KNOWN, "203.0.113.9")
    assert (first.status, again.status) == (303, 409)
    stranger = post(site, strangers(), "203.0.113.77", comment=other)
    assert stranger.status == 303
    screen_all()
    statuses = Comment.objects.order_by("id").values_list("status", flat=True)
    assert len(statuses) == 4
    assert len(set(list(statuses)[2:])) == 1


def test_a_guess_costs_as_many_statements_as_a_strangers_comment(site: Site) -> None:
    """A second statement would tell by its time what the answer does not."""
    asked = []
    for email, network in ((KNOWN, "203.0.113.9"), (strangers(), "192.0.2.9")):
        with CaptureQueriesContext(connection) as statements:
            assert post(site, email, network).status == 303
        asked.append([statement["sql"].split()[0] for statement in statements])
    assert asked[0] == asked[1]


def test_the_reader_who_said_it_is_told_so(site: Site) -> None:
    assert post(site, KNOWN, "198.51.100.7").status == 409


def test_the_api_answers_a_known_address_like_any_other(site: Site) -> None:
    api = public_api(site)

    def ask(email: str) -> tuple[int, set[str], set[str]]:
        answer = api.post(
            "/api/v1/comments",
            submission(thread={"url": url()}, name="Wilma Dray", email=email, body=TEXT),
        )
        return answer.status, set(answer.headers), set(answer.body)

    assert [ask(KNOWN) for _ in range(5)] == [ask(email) for email in [strangers()] * 5]


def test_one_readers_pace_does_not_slow_who_types_their_address(site: Site) -> None:
    statuses = [post(site, KNOWN, "203.0.113.9", comment=f"Remark {n}.").status for n in range(6)]
    assert statuses == [303, 303, 303, 303, 429, 429]
    assert post(site, KNOWN, "198.51.100.7", comment="My own words.").status == 303


@pytest.mark.parametrize("password", ["wrong", "", "x" * 5000])
def test_logging_in_tells_no_name(settings: Settings, password: str) -> None:
    """Five tries each: the page with the mistake, then the lock, in the same words and at the same try."""
    settings.AXES_ENABLED = True
    cache.clear()
    build_moderator([], "known")
    User.objects.create_user("retired", password="correct horse battery", is_staff=True, is_active=False)
    User.objects.create_user("reader", password="correct horse battery")
    told = []
    for name in ("known", "retired", "reader", "nobody"):
        values = {"username": name, "password": password}
        told.append([plain(Client().post("/admin/login/", values), f'"{name}"') for _ in range(6)])
    assert told[0] == told[1] == told[2] == told[3]
    assert [status for status, _, _ in told[0]][-1] == (429 if password else 200)


def test_a_right_password_of_an_account_without_rights_tells_nothing() -> None:
    User.objects.create_user("retired", password="correct horse battery", is_staff=True, is_active=False)
    User.objects.create_user("reader", password="correct horse battery")

    def ask(name: str, password: str):
        return plain(Client().post("/admin/login/", {"username": name, "password": password}), f'"{name}"')

    nobody = ask("nobody", "correct horse battery")
    assert ask("retired", "correct horse battery") == ask("reader", "correct horse battery") == nobody


def test_a_wrong_a_revoked_and_an_unknown_key_are_answered_alike(site: Site) -> None:
    secret = create_key(site.id, KeyKind.SECRET, actor=SYSTEM)
    revoked = create_key(site.id, KeyKind.SECRET, actor=SYSTEM)
    revoke_key(revoked.key.id, site_id=site.id, actor=SYSTEM)
    keys = [
        secret.plain[:-1] + ("A" if secret.plain[-1] != "A" else "B"),
        revoked.plain,
        "cm_sk_AAAAAAAAAAAAAAAA_" + "A" * 43,
        "nonsense",
    ]
    answers = [Api(key).get("/api/v1/comments") for key in keys]
    told = [
        (answer.status, answer.raw, {k: v for k, v in answer.headers.items() if k != "X-Request-Id"})
        for answer in answers
    ]
    assert told == [told[0]] * len(keys)
    assert told[0][0] == 401


def test_the_comparison_would_see_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where duplicates are told by the address alone, the first answer differs."""
    monkeypatch.setattr("moderation.flow.comments.submit.READERS_SOURCES", frozenset())
    assert post(site, KNOWN, "203.0.113.9").status == 409
    assert post(site, strangers(), "192.0.2.9").status == 303
