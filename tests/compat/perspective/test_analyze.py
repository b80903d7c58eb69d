"""`comments:analyze`: scores, thresholds, languages, context, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

from moderation.compat.perspective.names import NOT_SERVED, SERVED
from moderation.engine.attribute_scale import scale_version
from moderation.engine.attributes import Attribute
from moderation.models import Site
from moderation.models.key import Scope
from tests.builders import build_site
from tests.compat.mutations import RecordedPair, load_pairs, send, shape_of
from tests.compat.perspective.calls import ANALYZE, INSULT, analyze, key_for, refusal_of, value_of
from tests.compat.wire import call

pytestmark = pytest.mark.django_db

RECORDED = Path(__file__).parent / "recorded"
PAIRS = [pair for pair in load_pairs(RECORDED) if pair.request.path == ANALYZE]


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.fixture
def key(site: Site) -> str:
    return key_for(site)


@pytest.mark.parametrize("name", [pair.name for pair in PAIRS])
def test_a_recorded_request_is_answered_in_the_recorded_shape(name: str, key: str) -> None:
    pair: RecordedPair = next(each for each in load_pairs(RECORDED, key=key) if each.name == name)
    answer = send(pair.request)
    assert (answer.status, answer.kind) == (pair.status, "application/json; charset=UTF-8")
    if pair.status != 200:
        assert answer.body == pair.response
        return
    ours = {name: value for name, value in answer.body.items() if name != "scoring"}
    assert shape_of(ours) == shape_of(pair.response)
    assert {k: v for k, v in ours.items() if k != "attributeScores"} == {
        k: v for k, v in pair.response.items() if k != "attributeScores"
    }


def test_every_production_attribute_is_scored_and_an_insult_is_one(key: str) -> None:
    production = ("TOXICITY", "SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT")
    answer = analyze(key, INSULT, *production)
    assert answer.body["attributeScores"].keys() == set(production)
    assert value_of(answer, "TOXICITY") > 0.8
    assert value_of(answer, "INSULT") > 0.8
    assert value_of(answer, "THREAT") < 0.5
    assert value_of(analyze(key, "Thanks for the clear report on the ferry.")) < 0.3


def test_every_name_that_is_served_can_be_asked_for_at_once(key: str) -> None:
    answer = analyze(key, INSULT, *SERVED)
    assert answer.body["attributeScores"].keys() == SERVED.keys()
    assert SERVED.keys() >= {attribute.value for attribute in Attribute}
    for name in ("TOXICITY", "INSULT", "THREAT"):
        assert value_of(answer, f"{name}_EXPERIMENTAL") == value_of(answer, name)


@pytest.mark.parametrize("name", sorted(NOT_SERVED))
def test_an_attribute_that_no_model_judges_is_refused_by_name(name: str, key: str) -> None:
    answer = analyze(key, INSULT, "TOXICITY", name)
    assert refusal_of(answer) == (400, "INVALID_ARGUMENT", "INVALID_REQUEST")
    assert name in answer.body["error"]["message"]


def test_a_score_under_its_threshold_is_left_out(key: str) -> None:
    asked = {"TOXICITY": {"scoreThreshold": 0.5}, "THREAT": {"scoreThreshold": 0.99}}
    answer = analyze(key, INSULT, requestedAttributes=asked)
    assert answer.body["attributeScores"].keys() == {"TOXICITY"}


@pytest.mark.parametrize(
    ("text", "languages", "answered", "support", "fallback"),
    [
        (INSULT, ["en"], ["en"], "full", False),
        (INSULT, [], ["en"], "full", False),
        ("Ich danke für den Bericht über die Fähre im Winter.", [], ["de"], "abuse", True),
        (
            "これは新しい橋についての静かな意見です。冬のフェリーの時刻表も読みました。",
            ["ja"],
            ["ja"],
            "words",
            True,
        ),
        ("Þetta er fróðleg grein um ferjuna og brúna í vetur.", ["is"], ["is"], "words", True),
        ("já", ["is"], ["is"], "full", True),
        (INSULT, ["tlh", "en"], ["tlh", "en"], "full", False),
    ],
)
def test_no_language_is_an_error_and_a_fallback_is_told(
    key: str, text: str, languages: list[str], answered: list[str], support: str, fallback: bool
) -> None:
    answer = analyze(key, text, languages=languages)
    assert answer.status == 200
    assert answer.body["languages"] == answered
    assert answer.body["scoring"]["languageSupport"] == support
    assert answer.body["scoring"]["languageFallback"] is fallback


def test_the_version_of_the_scale_is_told(key: str) -> None:
    assert analyze(key).body["scoring"]["version"] == scale_version()


def test_a_parent_comment_turns_an_attack_on_the_commenter(key: str) -> None:
    def scores(**pair: Any) -> tuple[float, float]:
        context = {"articleAndParentComment": {name: {"text": text} for name, text in pair.items()}}
        answer = analyze(key, "What an idiot.", "ATTACK_ON_COMMENTER", "ATTACK_ON_AUTHOR", context=context)
        return value_of(answer, "ATTACK_ON_COMMENTER"), value_of(answer, "ATTACK_ON_AUTHOR")

    reply, on_article = scores(article="On ferries", parentComment="No."), scores(article="On ferries")
    assert reply[0] > on_article[0]
    assert reply[1] < on_article[1]


def test_the_clients_token_is_sent_back(key: str) -> None:
    assert analyze(key, clientToken="comment:7").body["clientToken"] == "comment:7"
    assert "clientToken" not in analyze(key).body


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"comment": {"text": " \n "}}, "COMMENT_EMPTY"),
        ({"comment": {}}, "COMMENT_EMPTY"),
        ({"comment": None}, "COMMENT_EMPTY"),
        ({"comment": {"text": "é" * 10_241}}, "COMMENT_TOO_LONG"),
        ({"requestedAttributes": {}}, "NO_REQUESTED_ATTRIBUTES"),
        ({"requestedAttributes": None}, "NO_REQUESTED_ATTRIBUTES"),
        ({"requestedAttributes": {"toxicity": {}}}, "INVALID_REQUEST"),
        ({"requestedAttributes": ["TOXICITY"]}, "INVALID_REQUEST"),
        ({"requestedAttributes": {"TOXICITY": 1}}, "INVALID_REQUEST"),
        ({"requestedAttributes": {f"A{n}": {} for n in range(101)}}, "INVALID_REQUEST"),
        ({"requestedAttributes": {"TOXICITY": {"scoreType": "STD_DEV_SCORE"}}}, "INVALID_REQUEST"),
        ({"requestedAttributes": {"TOXICITY": {"scoreThreshold": 1.5}}}, "INVALID_REQUEST"),
        ({"requestedAttributes": {"TOXICITY": {"scoreThreshold": True}}}, "INVALID_REQUEST"),
        ({"comment": {"text": "hello", "type": "HTML"}}, "INVALID_REQUEST"),
        ({"comment": "hello"}, "INVALID_REQUEST"),
        ({"comment": {"text": 7}}, "INVALID_REQUEST"),
        ({"languages": "en"}, "INVALID_REQUEST"),
        ({"languages": [1]}, "INVALID_REQUEST"),
        ({"spanAnnotations": "yes"}, "INVALID_REQUEST"),
        ({"context": {"entries": ["hello"]}}, "INVALID_REQUEST"),
        (
            {"context": {"entries": [{"text": "a"}], "articleAndParentComment": {"article": {"text": "b"}}}},
            "INVALID_REQUEST",
        ),
    ],
)
def test_a_broken_rule_is_named_as_clients_expect(key: str, fields: dict[str, Any], kind: str) -> None:
    assert refusal_of(analyze(key, **fields)) == (400, "INVALID_ARGUMENT", kind)


@pytest.mark.parametrize("text", ["é" * 10_240, "a" * 20_480, "\x00 \ud83d\ude00 \u202e x"])
def test_a_text_within_the_limit_is_scored_whatever_it_holds(key: str, text: str) -> None:
    assert analyze(key, text).status == 200


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{", b"\xff", b'{"comment":' * 3000, b"comment=hello"]
)
def test_a_body_that_is_no_json_object_is_refused(key: str, body: bytes) -> None:
    answer = call("POST", ANALYZE, body, query=f"key={key}")
    assert refusal_of(answer) == (400, "INVALID_ARGUMENT", "INVALID_REQUEST")


def test_a_context_that_is_no_address_is_ignored(key: str) -> None:
    for text in ("{not json", '{"url": 7}', "http://[", "a sentence with https://news.example/ in it", "{}"):
        assert analyze(key, context={"entries": [{"text": text}]}).status == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
def test_other_methods_are_refused_in_the_same_shape(method: str) -> None:
    answer = call(method, ANALYZE)
    assert answer.status == 405
    assert answer.body["error"]["status"] == "UNIMPLEMENTED"


def test_unknown_methods_are_not_found_in_the_same_shape() -> None:
    for path in ("/v1alpha1/comments:praise", "/v1alpha1/", "/discovery/v1/apis"):
        answer = call("POST", path, {})
        assert (answer.status, answer.body["error"]["status"]) == (404, "NOT_FOUND")


def test_what_a_key_may_not_do_is_refused(site: Site) -> None:
    for scope in (Scope.SUBMIT, Scope.READ, Scope.DECIDE, Scope.SCORE):
        assert analyze(key_for(site, scope)).status == 200
