"""Status links, authors' views and form tokens."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from uuid import UUID

import pytest
import time_machine
from django.conf import settings
from django.core.signing import Signer
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from moderation.lib.clock import now
from moderation.lib.tokens import CLOCK_SKEW_S, TokenState
from moderation.privacy.tokens import (
    LINK_MAX_AGE,
    CommentLink,
    FormToken,
    check_comment_token,
    comment_token,
    form_token,
    read_form_token,
)
from tests.lib.former_tokens import sign_former_token

ONE = UUID(int=1)
TWO = UUID(int=2)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
THREAD = "https://example.org/a"


@pytest.mark.parametrize("link", CommentLink)
def test_a_comment_token_opens_its_own_comment(link: CommentLink) -> None:
    assert check_comment_token(comment_token(ONE, link), ONE, link) == TokenState.OK


def test_a_comment_token_opens_no_other_comment() -> None:
    token = comment_token(ONE, CommentLink.STATUS)
    assert check_comment_token(token, TWO, CommentLink.STATUS) == TokenState.INVALID


def test_a_status_link_does_not_show_the_text() -> None:
    token = comment_token(ONE, CommentLink.STATUS)
    assert check_comment_token(token, ONE, CommentLink.VIEW) == TokenState.INVALID


@pytest.mark.parametrize(("link", "days"), [(CommentLink.STATUS, 30), (CommentLink.VIEW, 1)])
def test_a_link_ends(link: CommentLink, days: int) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        token = comment_token(ONE, link)
        clock.shift(timedelta(days=days))
        assert check_comment_token(token, ONE, link) == TokenState.OK
        clock.shift(timedelta(seconds=1))
        assert check_comment_token(token, ONE, link) == TokenState.EXPIRED


def test_a_link_dated_after_the_clock_jumped_back_is_refused() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        token = comment_token(ONE, CommentLink.VIEW)
        clock.shift(timedelta(hours=-2))
        assert check_comment_token(token, ONE, CommentLink.VIEW) == TokenState.INVALID


def test_a_key_change_with_a_fallback_keeps_links_alive(settings: Settings) -> None:
    token = comment_token(ONE, CommentLink.VIEW)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, [settings.SECRET_KEY]
    assert check_comment_token(token, ONE, CommentLink.VIEW) == TokenState.OK
    settings.SECRET_KEY_FALLBACKS = []
    assert check_comment_token(token, ONE, CommentLink.VIEW) == TokenState.INVALID


@pytest.mark.parametrize("by_script", [True, False])
@pytest.mark.parametrize("confirmed", [True, False])
def test_a_form_token_tells_how_it_was_fetched_and_how_old_it_is(by_script: bool, confirmed: bool) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        token = form_token(site_id=ONE, thread=THREAD, by_script=by_script, confirmed=confirmed)
        clock.shift(timedelta(seconds=7))
        read = read_form_token(token, site_id=ONE, thread=THREAD)
    assert (read.state, read.age_s) == (TokenState.OK, 7.0)
    assert (read.by_script, read.confirmed) == (by_script, confirmed)


def test_a_form_token_of_yesterday_is_expired_and_still_tells_its_age() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        token = form_token(site_id=ONE, thread=THREAD)
        clock.shift(timedelta(hours=25))
        read = read_form_token(token, site_id=ONE, thread=THREAD)
    assert (read.state, read.age_s) == (TokenState.EXPIRED, 25 * 3600.0)


def test_a_form_token_works_on_its_own_thread_and_site_only() -> None:
    token = form_token(site_id=ONE, thread=THREAD)
    assert read_form_token(token, site_id=TWO, thread=THREAD).state == TokenState.INVALID
    assert read_form_token(token, site_id=ONE, thread=THREAD + "b").state == TokenState.INVALID


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_form_token_is_missing(nothing: str | None) -> None:
    assert read_form_token(nothing, site_id=ONE, thread=THREAD).state == TokenState.MISSING


def test_every_changed_character_makes_it_invalid() -> None:
    token = form_token(site_id=ONE, thread=THREAD)
    for place, letter in enumerate(token):
        changed = token[:place] + ("A" if letter != "A" else "B") + token[place + 1 :]
        assert read_form_token(changed, site_id=ONE, thread=THREAD) == FormToken(TokenState.INVALID)


def test_a_token_has_one_spelling() -> None:
    token = form_token(site_id=ONE, thread=THREAD)
    for changed in (token + "=", token + "\n", " " + token, "0" + token, token.replace(".", "..", 1)):
        assert read_form_token(changed, site_id=ONE, thread=THREAD).state == TokenState.INVALID


@given(st.text(st.characters(exclude_categories=[]), min_size=1))
def test_no_text_makes_it_raise(text: str) -> None:
    for token in (text, f"{text}.{text}", f"x.{text}.y"):
        assert read_form_token(token, site_id=ONE, thread=THREAD) == FormToken(TokenState.INVALID)


def test_any_thread_can_be_named() -> None:
    token = form_token(site_id=ONE, thread="\ud800 odd")
    assert read_form_token(token, site_id=ONE, thread="\ud800 odd").state == TokenState.OK


@pytest.mark.parametrize(
    ("ahead_s", "state"), [(CLOCK_SKEW_S - 1, TokenState.OK), (CLOCK_SKEW_S + 1, TokenState.INVALID)]
)
def test_a_token_from_the_future_is_taken_only_within_the_skew(ahead_s: int, state: TokenState) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        clock.shift(ahead_s)
        token = form_token(site_id=ONE, thread=THREAD)
        clock.shift(-ahead_s)
        read = read_form_token(token, site_id=ONE, thread=THREAD)
    assert (read.state, read.age_s) == (state, 0.0 if state == TokenState.OK else None)


def test_an_age_is_told_to_the_millisecond() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        token = form_token(site_id=ONE, thread=THREAD)
        clock.shift(2.75)
        assert read_form_token(token, site_id=ONE, thread=THREAD).age_s == 2.75


def test_what_django_signs_elsewhere_opens_nothing() -> None:
    for salt in ("django.core.signing.Signer", "moderation.form", "second-factor-key"):
        token = Signer(sep=".", salt=salt).sign("1.0")
        assert read_form_token(token, site_id=ONE, thread=THREAD).state == TokenState.INVALID


def test_a_token_goes_into_a_link_as_it_is() -> None:
    for token in (comment_token(ONE, CommentLink.STATUS), form_token(site_id=ONE, thread=THREAD)):
        assert quote(token, safe="") == token
        assert len(token) < 70


class TestFormerFormat:
    """Links and forms of before an upgrade; goes with `open_former_token`."""

    def sign(self, body: bytes, *, purpose: str, context: bytes) -> str:
        key = settings.SECRET_KEY.encode()
        return sign_former_token(body, key=key, purpose=purpose, context=context, at=now())

    @pytest.mark.parametrize("link", CommentLink)
    def test_a_link_opens_its_own_comment_for_as_long_as_before(self, link: CommentLink) -> None:
        with time_machine.travel(NOON, tick=False) as clock:
            token = self.sign(b"", purpose=f"comment.{link}", context=ONE.bytes)
            clock.shift(LINK_MAX_AGE[link])
            assert check_comment_token(token, ONE, link) == TokenState.OK
            assert check_comment_token(token, TWO, link) == TokenState.INVALID
            clock.shift(1)
            assert check_comment_token(token, ONE, link) == TokenState.EXPIRED

    @pytest.mark.parametrize(
        ("flags", "by_script", "confirmed"), [(0, False, False), (1, True, False), (3, True, True)]
    )
    def test_an_open_form_can_still_be_sent(self, flags: int, by_script: bool, confirmed: bool) -> None:
        context = ONE.bytes + THREAD.encode()
        with time_machine.travel(NOON, tick=False) as clock:
            token = self.sign(bytes([flags]) + b"n" * 12, purpose="form", context=context)
            clock.shift(7)
            read = read_form_token(token, site_id=ONE, thread=THREAD)
        assert read == FormToken(TokenState.OK, 7.0, by_script=by_script, confirmed=confirmed)

    def test_a_former_key_still_opens_it(self, settings: Settings) -> None:
        token = self.sign(b"", purpose="comment.view", context=ONE.bytes)
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, [settings.SECRET_KEY]
        assert check_comment_token(token, ONE, CommentLink.VIEW) == TokenState.OK
