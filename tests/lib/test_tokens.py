"""Tokens of the former format: what opens them, and what does not."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.lib.tokens import CLOCK_SKEW_S, Opened, TokenState, open_former_token
from tests.lib.former_tokens import sign_former_token

KEY = b"one key"
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def signed(body: bytes = b"body", *, at: datetime = AT) -> str:
    return sign_former_token(body, key=KEY, purpose="form", context=b"about", at=at)


def opened(
    token: str,
    *,
    keys: tuple[bytes, ...] = (KEY,),
    purpose: str = "form",
    context: bytes = b"about",
    at: datetime = AT,
) -> Opened:
    return open_former_token(token, keys=keys, purpose=purpose, context=context, max_age_s=3600, at=at)


def test_a_token_gives_back_its_body_and_its_age() -> None:
    assert opened(signed(), at=AT + timedelta(seconds=90)) == Opened(TokenState.OK, b"body", 90.0)


def test_an_old_token_is_expired_and_still_tells_its_age() -> None:
    assert opened(signed(), at=AT + timedelta(seconds=3601)) == Opened(TokenState.EXPIRED, b"body", 3601.0)


def test_a_token_of_another_purpose_context_or_key_is_invalid() -> None:
    token = signed()
    assert opened(token, purpose="view") == Opened(TokenState.INVALID)
    assert opened(token, context=b"something else") == Opened(TokenState.INVALID)
    assert opened(token, keys=(b"another key",)) == Opened(TokenState.INVALID)


def test_purpose_and_context_cannot_be_shifted_into_each_other() -> None:
    token = sign_former_token(b"", key=KEY, purpose="ab", context=b"c", at=AT)
    assert opened(token, purpose="a", context=b"bc").state == TokenState.INVALID


def test_a_former_key_still_opens() -> None:
    assert opened(signed(), keys=(b"new key", KEY)).state == TokenState.OK


@pytest.mark.parametrize(
    ("ahead_s", "state"), [(CLOCK_SKEW_S - 1, TokenState.OK), (CLOCK_SKEW_S + 1, TokenState.INVALID)]
)
def test_a_token_from_the_future_is_taken_only_within_the_skew(ahead_s: float, state: TokenState) -> None:
    assert opened(signed(at=AT + timedelta(seconds=ahead_s))).state == state


def test_an_age_is_never_negative() -> None:
    assert opened(signed(at=AT + timedelta(seconds=5))).age_s == 0.0


def test_every_changed_character_makes_it_invalid() -> None:
    token = signed()
    for place, letter in enumerate(token):
        changed = token[:place] + ("A" if letter != "A" else "B") + token[place + 1 :]
        assert opened(changed).state == TokenState.INVALID


def test_a_token_has_one_spelling() -> None:
    assert opened(signed() + "=").state == TokenState.INVALID
    assert opened(signed() + "\n").state == TokenState.INVALID


@given(st.text(min_size=1))
def test_no_text_makes_it_raise(text: str) -> None:
    assert opened(text).state == TokenState.INVALID


@given(st.binary(max_size=64))
def test_no_bytes_of_other_origin_open(raw: bytes) -> None:
    assert opened(base64.urlsafe_b64encode(raw).rstrip(b"=").decode()).state == TokenState.INVALID


@given(st.binary(max_size=64))
def test_any_body_survives(body: bytes) -> None:
    assert opened(signed(body)).body == body
