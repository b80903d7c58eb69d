"""Status links, authors' views and form tokens."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from pytest_django.fixtures import Settings

from moderation.lib.tokens import TokenState
from moderation.privacy.tokens import (
    CommentLink,
    check_comment_token,
    comment_token,
    form_token,
    read_form_token,
)

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


def test_no_form_token_is_missing() -> None:
    assert read_form_token(None, site_id=ONE, thread=THREAD).state == TokenState.MISSING


def test_two_form_tokens_of_one_moment_differ() -> None:
    with time_machine.travel(NOON, tick=False):
        assert form_token(site_id=ONE, thread=THREAD) != form_token(site_id=ONE, thread=THREAD)
