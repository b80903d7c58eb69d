"""Read the body of a moderation request. Pure: no Django, no database."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from moderation.compat.openai_moderations.errors import OpenAiRefused

DEFAULT_MODEL = "omni-moderation-latest"
MODELS = (DEFAULT_MODEL, "omni-moderation-2024-09-26", "text-moderation-latest", "text-moderation-stable")
# The engine looks at so many characters of one text; what it would not look at is refused.
LONGEST_TEXT = 10_000
# Many short texts or a few long ones: each text costs its length and a little more.
COST_OF_A_TEXT = 500
MOST_COST = 64_000
MOST_IMAGES = 32
_HALF_CHARACTERS = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Bundle:
    """What one result is about: the texts, and the number of images, which nobody looks at."""

    texts: tuple[str, ...]
    images: int = 0


@dataclass(frozen=True, slots=True)
class ModerationRequest:
    """The model that the caller names, and what is to be judged: one result for each bundle."""

    model: str
    bundles: tuple[Bundle, ...]


def read_body(body: bytes) -> ModerationRequest:
    """The request in `body`, a JSON object. Raises `OpenAiRefused`, and nothing else."""
    fields = _parse(body)
    if "input" not in fields:
        raise OpenAiRefused(
            400, "The field “input” is missing.", param="input", code="missing_required_parameter"
        )
    bundles = _read_input(fields["input"])
    _check_cost(bundles)
    return ModerationRequest(_read_model(fields.get("model")), bundles)


def _parse(body: bytes) -> Mapping[str, Any]:
    try:
        parsed = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise OpenAiRefused(400, "The body is not valid JSON in UTF-8.", code="invalid_json") from None
    if not isinstance(parsed, dict):
        raise OpenAiRefused(400, "Send a JSON object with the field “input”.", code="invalid_type")
    return parsed


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _read_model(model: object) -> str:
    if model is None:
        return DEFAULT_MODEL
    if not isinstance(model, str):
        raise _wrong_type("model", "a string")
    if model not in MODELS:
        message = f"There is no such model. There are: {', '.join(MODELS)}."
        raise OpenAiRefused(404, message, param="model", code="model_not_found")
    return model


def _read_input(given: object) -> tuple[Bundle, ...]:
    """A string or a list of strings makes a result for each string, a list of parts one for all of them."""
    if isinstance(given, str):
        return (Bundle((_clean(given, "input"),)),)
    if not isinstance(given, list):
        raise _wrong_type("input", "a string, a list of strings or a list of parts")
    if not given:
        raise OpenAiRefused(400, "The list “input” is empty.", param="input", code="empty_array")
    if all(isinstance(each, str) for each in given):
        return tuple(Bundle((_clean(text, f"input[{n}]"),)) for n, text in enumerate(given))
    return (_read_parts(given),)


def _read_parts(parts: Sequence[object]) -> Bundle:
    texts, images = [], 0
    for number, part in enumerate(parts):
        param = f"input[{number}]"
        if not isinstance(part, dict):
            raise _wrong_type(param, "an object with a “type”, as the other parts are")
        if part.get("type") == "text":
            texts.append(_read_text(part, param))
        elif part.get("type") == "image_url":
            _check_image(part, param)
            images += 1
        else:
            message = f"“{param}.type” must be “text” or “image_url”."
            raise OpenAiRefused(400, message, param=f"{param}.type", code="invalid_value")
    if images > MOST_IMAGES:
        raise _too_many(f"Send at most {MOST_IMAGES} images.")
    return Bundle(tuple(texts), images)


def _read_text(part: Mapping[str, Any], param: str) -> str:
    text = part.get("text")
    if not isinstance(text, str):
        raise _wrong_type(f"{param}.text", "a string")
    return _clean(text, f"{param}.text")


def _check_image(part: Mapping[str, Any], param: str) -> None:
    """The address is never opened: only its place is checked."""
    image = part.get("image_url")
    if not isinstance(image, dict) or not isinstance(image.get("url"), str):
        raise _wrong_type(f"{param}.image_url", "an object with a “url”")


def _clean(text: str, param: str) -> str:
    """The text without half characters, each of which counts as one character. Raises `OpenAiRefused`."""
    if len(text) > LONGEST_TEXT:
        message = f"“{param}” has {len(text):,} characters; a text may have {LONGEST_TEXT:,}."
        raise OpenAiRefused(400, message, param=param, code="string_above_max_length")
    return _HALF_CHARACTERS.sub("\ufffd", text)


def _check_cost(bundles: Sequence[Bundle]) -> None:
    texts = [text for bundle in bundles for text in bundle.texts]
    if sum(COST_OF_A_TEXT + len(text) for text in texts) > MOST_COST:
        message = (
            f"Send less at once: {COST_OF_A_TEXT} for each text and its number of characters may add up to "
            f"{MOST_COST:,}."
        )
        raise _too_many(message)


def _too_many(message: str) -> OpenAiRefused:
    return OpenAiRefused(400, message, param="input", code="array_above_max_length")


def _wrong_type(param: str, wanted: str) -> OpenAiRefused:
    return OpenAiRefused(400, f"“{param}” must be {wanted}.", param=param, code="invalid_type")
