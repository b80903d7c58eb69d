"""Perspective's clients in Python: PyPI `perspective`, and Google's own by the discovery document."""

import json
import urllib.error
from collections.abc import Iterator
from typing import Any

import httplib2
import pytest
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from perspective.perspective import PerspectiveAPI

from tests.foreign.service import CALM, INSULT, WRONG_SECRET, ForeignService, fresh

pytestmark = pytest.mark.foreign

PRODUCTION = ("TOXICITY", "SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT")
ERROR = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"


def make_perspective(service: ForeignService, key: str) -> PerspectiveAPI:
    """PyPI `perspective`: its address is an attribute."""
    client = PerspectiveAPI(key)
    client.api_client.url = f"{service.url}/v1alpha1/{{endpoint}}"
    return client


@pytest.fixture
def perspective(service: ForeignService) -> PerspectiveAPI:
    return make_perspective(service, service.secret)


def make_google(service: ForeignService, key: str) -> Any:
    """google-api-python-client, which is told where the discovery document lies and reads all else there."""
    return build(
        "commentanalyzer",
        "v1alpha1",
        developerKey=key,
        discoveryServiceUrl=f"{service.url}/$discovery/rest?version=v1alpha1",
        static_discovery=False,
        cache_discovery=False,
        http=httplib2.Http(timeout=20),
    )


@pytest.fixture
def google(service: ForeignService) -> Iterator[Any]:
    with make_google(service, service.secret) as client:
        yield client


def analyze(client: Any, text: str, **more: Any) -> dict[str, Any]:
    """The answer to a request by Google's client."""
    body = {"comment": {"text": text}, "requestedAttributes": {"TOXICITY": {}}, **more}
    answer: dict[str, Any] = client.comments().analyze(body=body).execute()
    return answer


def refuse(client: Any, text: str, **more: Any) -> tuple[int, Any]:
    """Status and `errorType` of a request that has to be refused."""
    with pytest.raises(HttpError) as refused:
        analyze(client, text, **more)
    details = refused.value.error_details
    kinds = [each["errorType"] for each in details if each.get("@type") == ERROR]
    return refused.value.status_code, kinds[0] if kinds else None


def test_perspective_scores_an_insult_above_a_calm_remark(perspective: PerspectiveAPI):
    insult = perspective.score(fresh(INSULT), tests=list(PRODUCTION))
    calm = perspective.score(fresh(CALM), tests=list(PRODUCTION))
    assert set(insult) == set(calm) == set(PRODUCTION)
    assert insult["TOXICITY"] > 0.6 > calm["TOXICITY"]
    assert all(0 <= score <= 1 for score in (*insult.values(), *calm.values()))


def test_perspective_sends_all_that_it_can(perspective: PerspectiveAPI):
    text = f"{fresh(CALM)} {fresh(INSULT)}"
    answer = perspective.analyze_comment(
        text,
        comment_type="PLAIN_TEXT",
        context=[{"text": "An article about roads.", "type": "PLAIN_TEXT"}],
        requested_attributes={"TOXICITY": {"scoreType": "PROBABILITY"}, "THREAT": {"scoreThreshold": 0.99}},
        span_annotations=True,
        languages=["en"],
        do_not_store=True,
        client_token="token 1",
        session_id="session 1",
        community_id="news.example",
    )
    assert answer["clientToken"] == "token 1"
    assert answer["languages"] == ["en"]
    assert set(answer["attributeScores"]) == {"TOXICITY"}, "a score under its threshold is left out"
    spans = answer["attributeScores"]["TOXICITY"]["spanScores"]
    assert len(spans) > 1
    assert all(0 <= span["begin"] < span["end"] <= len(text) for span in spans)
    worst = max(spans, key=lambda span: span["score"]["value"])
    assert "idiot" in text[worst["begin"] : worst["end"]]


def test_what_perspective_suggests_is_a_decision_of_the_site(
    service: ForeignService, perspective: PerspectiveAPI
):
    text = fresh(CALM)
    answer = perspective.suggest_score(
        text,
        {"TOXICITY": {"summaryScore": {"value": 1.0, "type": "PROBABILITY"}}},
        languages=["en"],
        client_token="comment:1",
        community_id="Coral:https://news.example",
    )
    assert answer["clientToken"] == "comment:1"
    assert answer["requestedLanguages"] == ["en"]
    assert service.status_of(text) == "rejected"


def test_perspective_raises_what_the_service_answers(service: ForeignService, perspective: PerspectiveAPI):
    assert _refused_by(perspective, "") == (400, "COMMENT_EMPTY")
    assert _refused_by(perspective, "word " * 5000) == (400, "COMMENT_TOO_LONG")
    for key in (WRONG_SECRET, service.revoked):
        status, _ = _refused_by(make_perspective(service, key), CALM)
        assert status in (400, 403)


def _refused_by(client: PerspectiveAPI, text: str) -> tuple[int, Any]:
    with pytest.raises(urllib.error.HTTPError) as refused:
        client.analyze_comment(text)
    with refused.value as answer:
        error = json.load(answer)["error"]
    assert error["code"] == answer.code
    kinds = [each.get("errorType") for each in error["details"] if each["@type"] == ERROR]
    return answer.code, kinds[0] if kinds else None


def test_google_finds_both_methods_in_the_discovery_document(google: Any):
    assert callable(google.comments().analyze)
    assert callable(google.comments().suggestscore)


def toxicity(answer: dict[str, Any]) -> float:
    """The whole comment's score."""
    value: float = answer["attributeScores"]["TOXICITY"]["summaryScore"]["value"]
    return value


def test_google_scores_in_every_language_and_never_refuses_one(google: Any):
    insult = fresh("Du bist ein widerlicher Idiot, halt endlich dein dummes Maul!")
    calm = fresh("Der Rat hätte die Leute fragen sollen, die dort wohnen.")
    assert toxicity(analyze(google, insult)) > toxicity(analyze(google, calm))
    icelandic = analyze(google, "Þetta er róleg athugasemd um veginn.", languages=["is"])
    assert 0 <= toxicity(icelandic) <= 1
    assert icelandic["languages"] == ["is"]


def test_what_google_suggests_is_a_decision_of_the_site(service: ForeignService, google: Any):
    text = fresh(CALM)
    body = {
        "comment": {"text": text},
        "attributeScores": {"TOXICITY": {"summaryScore": {"value": 0.0}}},
        "clientToken": "comment:2",
    }
    assert google.comments().suggestscore(body=body).execute()["clientToken"] == "comment:2"
    assert service.status_of(text) == "published"
    with make_google(service, service.score) as other, pytest.raises(HttpError) as refused:
        other.comments().suggestscore(body=body).execute()
    assert refused.value.status_code == 403


def test_google_names_what_was_wrong(service: ForeignService, google: Any):
    assert refuse(google, "") == (400, "COMMENT_EMPTY")
    assert refuse(google, "word " * 5000) == (400, "COMMENT_TOO_LONG")
    assert refuse(google, CALM, requestedAttributes={}) == (400, "NO_REQUESTED_ATTRIBUTES")
    assert refuse(google, CALM, requestedAttributes={"NO_SUCH": {}}) == (400, "INVALID_REQUEST")
    for key in (WRONG_SECRET, service.revoked):
        with make_google(service, key) as other:
            status, _ = refuse(other, CALM)
            assert status in (400, 403)


def test_nothing_is_stored_by_a_key_that_only_scores_or_where_the_call_says_so(service: ForeignService):
    for key, more in ((service.score, {}), (service.secret, {"doNotStore": True})):
        text = fresh(INSULT)
        with make_google(service, key) as client:
            analyze(client, text, **more)
        assert service.stored(text) is None
