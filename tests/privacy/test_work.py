"""The proof of work: bound to its site, limited in time, signed by a key in use, and cheap to refuse."""

import base64
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from moderation.domain.work import WorkState
from moderation.lib.clock import now
from moderation.privacy import work
from moderation.privacy.work import CHALLENGE_MAX_AGE, LONGEST_SOLUTION, new_challenge, read_work
from tests.pace import count_loops
from tests.work import easy_work, solve

__all__ = ["easy_work"]
SITE, OTHER = UUID(int=1), UUID(int=2)


def encode(sent: object) -> str:
    return base64.b64encode(json.dumps(sent).encode()).decode()


def state_of(solution: str, site_id: UUID = SITE) -> WorkState:
    return read_work(solution, site_id=site_id).state


def test_a_challenge_looks_as_the_second_protocol_says() -> None:
    challenge = new_challenge(SITE)
    parameters = challenge["parameters"]
    told = [parameters[name] for name in ("algorithm", "cost", "keyLength")]
    assert told == ["PBKDF2/SHA-256", 1000, 32]
    assert {name: len(bytes.fromhex(parameters[name])) for name in ("nonce", "salt", "keyPrefix")} == {
        "nonce": 16,
        "salt": 16,
        "keyPrefix": 16,
    }
    assert now().timestamp() < parameters["expiresAt"] <= (now() + CHALLENGE_MAX_AGE).timestamp() + 1
    assert len(json.dumps(challenge)) < 700


def test_the_work_is_bounded_on_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    def remember(*_: object, counter: int, **__: object) -> Any:
        drawn.append(counter)
        raise StopIteration

    monkeypatch.setattr(work, "create_challenge", remember)
    for _ in range(300):
        with pytest.raises(StopIteration):
            new_challenge(SITE)
    assert work.LEAST_NUMBER <= min(drawn) < 1_400
    assert 2_600 < max(drawn) < work.MOST_NUMBER


@pytest.mark.usefixtures("easy_work")
class TestSolutions:
    def test_a_solution_is_good_on_its_own_site_only(self) -> None:
        solution = solve(new_challenge(SITE))
        assert state_of(solution) == WorkState.DONE
        assert state_of(solution, OTHER) == WorkState.WRONG
        assert state_of("") == WorkState.NONE

    def test_each_challenge_has_one_digest_whatever_the_spelling(self) -> None:
        solution = solve(new_challenge(SITE))
        sent = json.loads(base64.b64decode(solution))
        sent["solution"]["time"] = 12.5
        sent["more"] = 1
        spelled = base64.b64encode(json.dumps(sent, indent=1).encode()).decode()
        once, twice = read_work(solution, site_id=SITE), read_work(spelled, site_id=SITE)
        assert once == twice
        assert once.digest != read_work(solve(new_challenge(SITE)), site_id=SITE).digest

    def test_it_expires(self) -> None:
        solution = solve(new_challenge(SITE))
        with time_machine.travel(now() + CHALLENGE_MAX_AGE - timedelta(seconds=5)):
            assert state_of(solution) == WorkState.DONE
        with time_machine.travel(now() + CHALLENGE_MAX_AGE + timedelta(seconds=5)):
            assert state_of(solution) == WorkState.WRONG

    def test_a_former_secret_key_is_good_until_it_is_dropped(self, settings: Settings) -> None:
        solution = solve(new_challenge(SITE))
        former = settings.SECRET_KEY
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-key-" * 5, [former]
        assert state_of(solution) == WorkState.DONE
        settings.SECRET_KEY_FALLBACKS = []
        assert state_of(solution) == WorkState.WRONG

    @pytest.mark.parametrize(
        ("part", "name", "value"),
        [
            ("parameters", "expiresAt", 99_999_999_999),
            ("parameters", "expiresAt", None),
            ("parameters", "cost", 1),
            ("parameters", "keyPrefix", "00"),
            ("parameters", "keySignature", "0" * 64),
            ("parameters", "keySignature", None),
            ("parameters", "algorithm", "SHA-256"),
            ("parameters", "algorithm", "SCRYPT"),
            ("parameters", "nonce", 5),
            ("parameters", "data", {"__proto__": 1}),
            ("solution", "derivedKey", "0" * 64),
            ("solution", "derivedKey", None),
            ("challenge", "signature", "0" * 64),
            ("challenge", "signature", None),
            ("challenge", "signature", 7),
            ("challenge", "parameters", "text"),
            ("challenge", "parameters", [1]),
        ],
    )
    def test_whatever_is_changed_makes_it_wrong(self, part: str, name: str, value: object) -> None:
        sent = json.loads(base64.b64decode(solve(new_challenge(SITE))))
        places = {**sent, "parameters": sent["challenge"]["parameters"]}
        places[part][name] = value
        assert state_of(encode(sent)) == WorkState.WRONG

    def test_a_signature_in_capitals_is_no_second_challenge(self) -> None:
        sent = json.loads(base64.b64decode(solve(new_challenge(SITE))))
        sent["challenge"]["signature"] = sent["challenge"]["signature"].upper()
        assert state_of(encode(sent)) == WorkState.WRONG

    def test_a_number_that_was_not_asked_for_is_not_believed(self) -> None:
        challenge = new_challenge(SITE)
        unsolved = {"challenge": challenge, "solution": {"counter": 5, "derivedKey": "ab" * 32}}
        assert state_of(encode(unsolved)) == WorkState.WRONG


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["challenge", "solution", "parameters", "signature", "x"]), inner)
    ),
    max_leaves=12,
)


@settings(max_examples=500)
@given(sent=st.one_of(st.text(max_size=80), _JSON.map(encode)))
def test_no_text_makes_it_fail(sent: str) -> None:
    assert state_of(sent) in (WorkState.WRONG, WorkState.NONE)


def test_what_is_too_long_costs_nothing() -> None:
    deep = base64.b64encode(b"[" * 100_000).decode()
    assert count_loops(lambda: state_of(deep), tries=3) < 1
    assert state_of("A" * (LONGEST_SOLUTION + 4)) == WorkState.WRONG
