"""OpenAI's own clients for Python and JavaScript, told of another base URL as their users would."""

from collections.abc import Iterator

import openai
import pytest

from tests.foreign.node_clients import NodeClients, Outcome
from tests.foreign.service import CALM, INSULT, WRONG_SECRET, ForeignService, fresh, run_apart

pytestmark = pytest.mark.foreign

CATEGORIES = {
    *("harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent"),
    *("self-harm", "self-harm/intent", "self-harm/instructions", "sexual", "sexual/minors"),
    *("violence", "violence/graphic"),
}
IMAGE = {"type": "image_url", "image_url": {"url": "https://pictures.example/a.png"}}


@pytest.fixture
def client(service: ForeignService) -> Iterator[openai.OpenAI]:
    """As from the recipe: a key of the site and its address, and all else as it comes."""
    with openai.OpenAI(api_key=service.score, base_url=f"{service.url}/v1") as client:
        yield client


def test_an_insult_is_flagged_and_a_calm_remark_is_not(client: openai.OpenAI):
    insult = client.moderations.create(input=fresh(INSULT)).results[0]
    calm = client.moderations.create(input=fresh(CALM)).results[0]
    assert (insult.flagged, insult.categories.harassment) == (True, True)
    assert (calm.flagged, calm.categories.harassment) == (False, False)
    assert insult.category_scores.harassment > 0.5 > calm.category_scores.harassment


def test_all_categories_stand_in_all_maps(client: openai.OpenAI):
    result = client.moderations.create(input=fresh(CALM)).results[0]
    for told in (result.categories, result.category_scores, result.category_applied_input_types):
        known = told.model_dump(by_alias=True)
        assert set(known) == CATEGORIES
        assert None not in known.values()


def test_a_list_of_texts_has_a_result_for_each(client: openai.OpenAI):
    texts = [fresh(CALM), fresh(INSULT), fresh(CALM)]
    answer = client.moderations.create(model="omni-moderation-latest", input=texts)
    assert [result.flagged for result in answer.results] == [False, True, False]
    assert answer.model == "omni-moderation-latest"


def test_a_list_of_parts_has_one_result(client: openai.OpenAI):
    parts = [{"type": "text", "text": fresh(INSULT)}, {"type": "text", "text": fresh(CALM)}, IMAGE]
    answer = client.moderations.create(input=parts)  # type: ignore[arg-type]  # a plain JSON of parts
    [result] = answer.results
    assert result.flagged
    assert result.category_applied_input_types.harassment == ["text"]


def test_the_reasons_come_as_more_fields_than_the_client_knows(client: openai.OpenAI):
    text = fresh(INSULT)
    told = client.moderations.create(input=text).results[0].model_extra
    assert told is not None
    assert told["reasons"]
    assert [text[span["start"] : span["end"]] for span in told["spans"]]


def test_each_error_is_the_one_that_the_client_knows(service: ForeignService, client: openai.OpenAI):
    for key in (WRONG_SECRET, service.revoked):
        with pytest.raises(openai.AuthenticationError) as refused:
            client.with_options(api_key=key).moderations.create(input=CALM)
        assert refused.value.code == "invalid_api_key"
    with pytest.raises(openai.NotFoundError) as unknown:
        client.moderations.create(model="gpt-nobody-has", input=CALM)
    assert (unknown.value.code, unknown.value.param) == ("model_not_found", "model")
    with pytest.raises(openai.BadRequestError) as empty:
        client.moderations.create(input=[])
    assert (empty.value.type, empty.value.param) == ("invalid_request_error", "input")


def test_the_client_with_asyncio_does_the_same(service: ForeignService):
    async def work() -> bool:
        async with openai.AsyncOpenAI(api_key=service.secret, base_url=f"{service.url}/v1") as client:
            with pytest.raises(openai.AuthenticationError):
                await client.with_options(api_key=WRONG_SECRET).moderations.create(input=CALM)
            answer = await client.moderations.create(input=fresh(INSULT))
            return answer.results[0].flagged

    assert run_apart(work)


def test_a_key_that_only_scores_and_any_other_store_nothing(service: ForeignService):
    for key in (service.score, service.secret):
        text = fresh(INSULT)
        with openai.OpenAI(api_key=key, base_url=f"{service.url}/v1") as client:
            client.moderations.create(input=text)
        assert service.stored(text) is None


def call_js(node: NodeClients, service: ForeignService, key: str, *calls: list[object]) -> list[Outcome]:
    return node.call("openai.cjs", {"apiKey": key, "baseURL": f"{service.url}/v1"}, calls)


def test_the_client_in_javascript_does_its_whole_job(node: NodeClients, service: ForeignService):
    insult, many, bundle, unknown, empty = call_js(
        node,
        service,
        service.score,
        ["moderations.create", {"input": fresh(INSULT)}],
        ["moderations.create", {"model": "text-moderation-latest", "input": [fresh(CALM), fresh(INSULT)]}],
        ["moderations.create", {"input": [{"type": "text", "text": fresh(CALM)}, IMAGE]}],
        ["moderations.create", {"model": "gpt-nobody-has", "input": CALM}],
        ["moderations.create", {"input": []}],
    )
    [result] = insult.good["results"]
    assert result["categories"]["harassment"] is True
    assert set(result["category_scores"]) == CATEGORIES
    assert [each["flagged"] for each in many.good["results"]] == [False, True]
    assert len(bundle.good["results"]) == 1
    assert (unknown.bad["kind"], unknown.bad["code"]) == ("NotFoundError", "model_not_found")
    assert (empty.bad["kind"], empty.bad["param"]) == ("BadRequestError", "input")


def test_the_client_in_javascript_refuses_a_wrong_key(node: NodeClients, service: ForeignService):
    for key in (WRONG_SECRET, service.revoked):
        [refused] = call_js(node, service, key, ["moderations.create", {"input": CALM}])
        assert (refused.bad["kind"], refused.bad["status"]) == ("AuthenticationError", 401)
