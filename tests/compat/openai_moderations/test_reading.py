"""What a request may hold, and what is said of one that may not."""

import json
from typing import Any

import pytest

from moderation.compat.openai_moderations.errors import OpenAiRefused
from moderation.compat.openai_moderations.reading import (
    COST_OF_A_TEXT,
    LONGEST_TEXT,
    MODELS,
    MOST_COST,
    MOST_IMAGES,
    Bundle,
    read_body,
)

IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/x.png"}}


def text_part(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


@pytest.mark.parametrize(
    ("given", "bundles"),
    [
        ("one", [Bundle(("one",))]),
        ("", [Bundle(("",))]),
        (["one", "two"], [Bundle(("one",)), Bundle(("two",))]),
        ([text_part("one"), text_part("two")], [Bundle(("one", "two"))]),
        ([text_part("one"), IMAGE], [Bundle(("one",), images=1)]),
        ([IMAGE], [Bundle((), images=1)]),
        ("half \ud800 of a pair", [Bundle(("half \ufffd of a pair",))]),
    ],
)
def test_each_form_of_input_is_read(given: Any, bundles: list[Bundle]):
    assert list(read_body(json.dumps({"input": given}).encode()).bundles) == bundles


def test_the_model_is_the_named_one_or_the_latest():
    assert read_body(b'{"input": "x"}').model == "omni-moderation-latest"
    assert read_body(b'{"input": "x", "model": null}').model == "omni-moderation-latest"
    for model in MODELS:
        assert read_body(json.dumps({"input": "x", "model": model}).encode()).model == model


@pytest.mark.parametrize(
    ("body", "status", "param", "code"),
    [
        (b"", 400, None, "invalid_json"),
        (b"{", 400, None, "invalid_json"),
        (b"\xff\xfe", 400, None, "invalid_json"),
        (b'{"input": NaN}', 400, None, "invalid_json"),
        (b"[" * 100_000, 400, None, "invalid_json"),
        (b"9" * 5_000, 400, None, "invalid_json"),
        (b"[]", 400, None, "invalid_type"),
        (b"{}", 400, "input", "missing_required_parameter"),
        (b'{"input": null}', 400, "input", "invalid_type"),
        (b'{"input": 7}', 400, "input", "invalid_type"),
        (b'{"input": []}', 400, "input", "empty_array"),
        (b'{"input": ["a", 7]}', 400, "input[0]", "invalid_type"),
        (b'{"input": [[1, 2]]}', 400, "input[0]", "invalid_type"),
        (b'{"input": [{"type": "audio"}]}', 400, "input[0].type", "invalid_value"),
        (b'{"input": [{}]}', 400, "input[0].type", "invalid_value"),
        (b'{"input": [{"type": "text", "text": 1}]}', 400, "input[0].text", "invalid_type"),
        (b'{"input": [{"type": "image_url"}]}', 400, "input[0].image_url", "invalid_type"),
        (b'{"input": [{"type": "image_url", "image_url": {}}]}', 400, "input[0].image_url", "invalid_type"),
        (b'{"input": "x", "model": "gpt-4o"}', 404, "model", "model_not_found"),
        (b'{"input": "x", "model": 4}', 400, "model", "invalid_type"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(body: bytes, status: int, param: str | None, code: str):
    with pytest.raises(OpenAiRefused) as caught:
        read_body(body)
    assert (caught.value.status, caught.value.param, caught.value.code) == (status, param, code)


def codes_of(given: Any) -> str | None:
    try:
        read_body(json.dumps({"input": given}).encode())
    except OpenAiRefused as refused:
        return refused.code
    return None


def test_a_text_has_the_length_that_the_engine_looks_at():
    assert codes_of("a" * LONGEST_TEXT) is None
    assert codes_of("a" * (LONGEST_TEXT + 1)) == "string_above_max_length"
    assert codes_of([text_part("a" * (LONGEST_TEXT + 1))]) == "string_above_max_length"


def test_many_short_texts_or_a_few_long_ones():
    most_empty = MOST_COST // COST_OF_A_TEXT
    assert codes_of([""] * most_empty) is None
    assert codes_of([""] * (most_empty + 1)) == "array_above_max_length"
    most_long = MOST_COST // (COST_OF_A_TEXT + LONGEST_TEXT)
    assert codes_of(["a" * LONGEST_TEXT] * most_long) is None
    assert codes_of(["a" * LONGEST_TEXT] * (most_long + 1)) == "array_above_max_length"


def test_images_are_counted_too():
    assert codes_of([IMAGE] * MOST_IMAGES) is None
    assert codes_of([IMAGE] * (MOST_IMAGES + 1)) == "array_above_max_length"
