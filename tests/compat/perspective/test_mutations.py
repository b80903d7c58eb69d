"""Thousands of broken requests: no server error, and each refusal in Perspective's shape."""

from pathlib import Path

import pytest

from tests.builders import build_site
from tests.compat.mutations import assert_unbroken, load_pairs, mutants
from tests.compat.perspective.calls import key_for
from tests.compat.wire import WireAnswer

pytestmark = pytest.mark.django_db

RECORDED = Path(__file__).parent / "recorded"
NAMES = [pair.name for pair in load_pairs(RECORDED)]


def is_own_shape(answer: WireAnswer) -> bool:
    if answer.status == 204:
        return answer.raw == b""
    if answer.kind != "application/json; charset=UTF-8":
        return False
    if answer.status == 200:
        return not {"attributeScores", "requestedLanguages"}.isdisjoint(answer.body)
    error = answer.body["error"]
    return bool(error["code"] == answer.status and error["message"] and error["status"].isupper())


def try_mutants(name: str, count: int) -> set[int]:
    pairs = load_pairs(RECORDED, key=key_for(build_site()))
    chosen = [pair for pair in pairs if pair.name == name]
    return {assert_unbroken(each, is_own_shape).status for each in mutants(chosen, seed=1, count=count)}


@pytest.mark.parametrize("name", NAMES)
def test_a_few_broken_requests_are_refused(name: str) -> None:
    assert 400 in try_mutants(name, 25)


@pytest.mark.fuzz
@pytest.mark.parametrize("name", NAMES)
def test_two_thousand_broken_requests_are_refused(name: str) -> None:
    assert {400, 405} <= try_mutants(name, 2000)
