"""Perspective's clients of npm."""

import pytest

from tests.foreign.node_clients import NodeClients, Outcome
from tests.foreign.service import CALM, INSULT, WRONG_SECRET, ForeignService, fresh

pytestmark = pytest.mark.foreign


def call_api_client(
    node: NodeClients, service: ForeignService, key: str, *calls: list[object]
) -> list[Outcome]:
    """npm `perspective-api-client`: nothing of it tells it another host, so its HTTP library is told."""
    return node.call(
        "perspective_api_client.cjs",
        {"apiKey": key},
        calls,
        preload="perspective_host.cjs",
        environment={"PERSPECTIVE_URL": service.url},
    )


def call_js_client(
    node: NodeClients, service: ForeignService, key: str, *calls: list[object]
) -> list[Outcome]:
    """npm `@conversationai/perspectiveapi-js-client`: its address is a property."""
    return node.call("perspectiveapi_js_client.cjs", {"apiKey": key, "url": service.url}, calls)


def test_perspective_api_client_does_its_whole_job(node: NodeClients, service: ForeignService):
    text = fresh(INSULT)
    insult, calm, options, whole, unknown, empty, too_long = call_api_client(
        node,
        service,
        service.secret,
        ["analyze", f"<b>{text}</b>"],
        ["analyze", fresh(CALM)],
        ["analyze", fresh(INSULT), {"attributes": ["insult", "threat"], "stripHTML": False}],
        ["analyze", {"comment": {"text": fresh(INSULT)}, "requestedAttributes": {"PROFANITY": {}}}],
        ["analyze", CALM, {"attributes": ["no_such"]}],
        ["analyze", ""],
        ["analyze", "ü" * 20_000, {"validate": False}],
    )
    assert _summary(insult.good, "TOXICITY") > 0.6 > _summary(calm.good, "TOXICITY")
    assert set(options.good["attributeScores"]) == {"INSULT", "THREAT"}
    assert "PROFANITY" in whole.good["attributeScores"]
    assert unknown.bad["name"] == "ResponseError"
    assert unknown.bad["message"] == unknown.bad["body"]["error"]["message"]
    assert unknown.bad["status"] == 400
    assert empty.bad["name"] == "TextEmptyError"
    assert too_long.bad["body"]["error"]["details"][0]["errorType"] == "COMMENT_TOO_LONG"
    assert service.stored(text) is None, "this client asks for nothing to be stored"


def test_perspective_api_client_throws_the_words_about_a_wrong_key(
    node: NodeClients, service: ForeignService
):
    for key in (WRONG_SECRET, service.revoked):
        [refused] = call_api_client(node, service, key, ["analyze", CALM])
        assert refused.bad["name"] == "ResponseError"
        assert "key" in refused.bad["message"].lower()
        assert refused.bad["status"] in (400, 403)


def test_perspectiveapi_js_client_does_its_whole_job(node: NodeClients, service: ForeignService):
    insult, calm, options, unknown, empty = call_js_client(
        node,
        service,
        service.secret,
        ["getScores", fresh(INSULT)],
        ["getScores", fresh(CALM)],
        [
            "getScores",
            f"<p>{fresh(INSULT)}</p>",
            {
                "attributes": ["INSULT", "TOXICITY_EXPERIMENTAL"],
                "context": {"entries": [{"text": "An article about roads."}]},
                "doNotStore": False,
                "languages": ["en"],
                "stripHtml": True,
            },
        ],
        ["getScores", CALM, {"attributes": ["NO_SUCH"]}],
        ["getScores", ""],
    )
    assert set(insult.good) == {"SPAM", "TOXICITY"}
    assert insult.good["TOXICITY"] > 0.6 > calm.good["TOXICITY"]
    assert set(options.good) == {"INSULT", "TOXICITY_EXPERIMENTAL"}
    assert "status code 400" in unknown.bad["message"]
    assert empty.bad["message"] == "comment text cannot be empty"


def test_perspectiveapi_js_client_throws_on_a_wrong_key(node: NodeClients, service: ForeignService):
    for key in (WRONG_SECRET, service.revoked):
        [refused] = call_js_client(node, service, key, ["getScores", CALM])
        assert "status code 40" in refused.bad["message"]


def _summary(answer: dict[str, object], attribute: str) -> float:
    scores: dict[str, dict[str, dict[str, float]]] = answer["attributeScores"]  # type: ignore[assignment]
    return scores[attribute]["summaryScore"]["value"]
