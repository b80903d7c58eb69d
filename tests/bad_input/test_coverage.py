"""No address that takes input is left out, and no row of the corpus is."""

from importlib import import_module
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.bad_input.bodies import BODIES, Body
from tests.bad_input.fields import NUMBERS, OF_JSON_ONLY, REFUSED, TAKEN, TRIMMED, Typed
from tests.bad_input.rows import ELSEWHERE, NOT_HERE, ROWS
from tests.bad_input.world import API_WRITES, FORM_WRITES, World, patterns_below
from tests.embed.forms import ARTICLE

WRITES = {"post", "put", "patch", "delete"}
# Takes a text and no fields, and stores nothing: tests/bad_input/test_preview_text.py.
TEXT_ALONE = {"preview-text"}


def test_every_address_of_the_api_that_takes_input_gets_the_corpus() -> None:
    found = set()
    for pattern in patterns_below("api/"):
        view: Any = getattr(pattern.callback, "cls", None)
        if any(hasattr(getattr(view, method, None), "allowance") for method in WRITES):
            found.add(pattern.name)
    assert found == set(API_WRITES)


@pytest.mark.django_db
def test_every_page_of_readers_that_takes_input_gets_the_corpus(world: World) -> None:
    parts = {"slug": ARTICLE.slug, "public_key": world.public.key, "name": "embed.js"}
    found = set()
    for pattern in patterns_below(""):
        named = {name: parts[name] for name in pattern.pattern.regex.groupindex}
        if Client().post(reverse(str(pattern.name), kwargs=named)).status_code != 405:
            found.add(pattern.name)
    assert found == {*FORM_WRITES, *TEXT_ALONE}


def test_every_row_of_the_corpus_is_tried_or_says_why_not() -> None:
    cases: list[Body | Typed] = [*BODIES, *REFUSED, *TAKEN, *OF_JSON_ONLY, TRIMMED]
    tabled = {case.number for case in cases} | {*NUMBERS}
    assert (tabled - {0}) | {*ELSEWHERE} | {*NOT_HERE} == set(ROWS)
    assert not set(ELSEWHERE) & set(NOT_HERE)


@pytest.mark.parametrize("row", ELSEWHERE)
def test_what_is_tried_elsewhere_is_there(row: int) -> None:
    for named in ELSEWHERE[row]:
        module, _, name = named.partition("::")
        assert callable(getattr(import_module(f"tests.{module}"), name)), named


def test_every_reason_is_a_sentence() -> None:
    assert all(reason.endswith(".") for reason in NOT_HERE.values())
