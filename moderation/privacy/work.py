"""Challenges of the proof of work and their solutions, as ALTCHA's second protocol has them.

A challenge is signed by a key of its site, derived from SECRET_KEY, so nothing is stored before a solution is
used. The reader's browser looks for the number whose PBKDF2 key begins as the challenge says. The number is
drawn here, so the work is bounded, and a signature of the whole key makes the check of a solution cheap.
Protocol: https://altcha.org/docs/v2/proof-of-work-captcha (widget from version 3, altcha-lib from version 2).
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from altcha import Payload, create_challenge, verify_solution
from django.conf import settings
from django.utils.crypto import salted_hmac

from moderation.domain.work import WorkState
from moderation.lib.clock import now

# A form may stay open for long before it is sent; the page solves a new challenge in time.
CHALLENGE_MAX_AGE = timedelta(hours=2)
ALGORITHM = "PBKDF2/SHA-256"
# The browser tries each number from 0 on: 2,000 keys of 1,000 rounds on average, and 3,000 at most. That is
# about a second of one core here; docs/proof-of-work.md tells the time on phones. One key of our own, about
# half a millisecond, is what a challenge costs this service.
ROUNDS = 1_000
LEAST_NUMBER, MOST_NUMBER = 1_000, 3_000
LONGEST_SOLUTION = 2_000  # characters; ours have about 900


@dataclass(frozen=True, slots=True)
class Work:
    """A solution after its check. `digest` names its challenge; it is empty unless the work is done."""

    state: WorkState
    digest: bytes = b""


def new_challenge(site_id: UUID) -> dict[str, Any]:
    """A challenge for readers of one site, as JSON values."""
    made = create_challenge(
        ALGORITHM,
        ROUNDS,
        counter=LEAST_NUMBER + secrets.randbelow(MOST_NUMBER - LEAST_NUMBER),
        expires_at=now() + CHALLENGE_MAX_AGE,
        hmac_secret=_key("challenge", settings.SECRET_KEY, site_id),
        hmac_key_secret=_key("solution", settings.SECRET_KEY, site_id),
    )
    challenge: dict[str, Any] = made.to_dict()
    return challenge


def read_work(solution: str, *, site_id: UUID) -> Work:
    """Whether a reader's `solution`, base64 of JSON, solves a challenge of this site now. Never raises."""
    if not solution:
        return Work(WorkState.NONE)
    payload = _parse(solution)
    if payload is None or not any(_is_solved(payload, key, site_id) for key in _secret_keys()):
        return Work(WorkState.WRONG)
    # Signed, so it has one spelling. The rest of the payload may be written in many ways.
    signature = str(payload.challenge.signature)
    return Work(WorkState.DONE, hashlib.sha256(signature.encode()).digest()[:16])


def _parse(solution: str) -> Payload | None:
    """The payload; None for what no client sends, and for what would have to be computed again here."""
    if len(solution) > LONGEST_SOLUTION or not solution.isascii():
        return None
    try:
        payload = Payload.from_dict(orjson.loads(base64.b64decode(solution, validate=True)))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    parameters = payload.challenge.parameters
    return payload if parameters.algorithm == ALGORITHM and parameters.key_signature else None


def _is_solved(payload: Payload, secret_key: str, site_id: UUID) -> bool:
    checked = verify_solution(
        payload,
        _key("challenge", secret_key, site_id),
        hmac_key_secret=_key("solution", secret_key, site_id),
    )
    return bool(checked.verified)


def _secret_keys() -> list[str]:
    """Any of them may have signed the challenge."""
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def _key(purpose: str, secret_key: str, site_id: UUID) -> bytes:
    """A key of its own for each purpose and site: a challenge of one site is nothing to another."""
    return salted_hmac(
        f"moderation.work.{purpose}", site_id.bytes, secret=secret_key, algorithm="sha256"
    ).digest()
