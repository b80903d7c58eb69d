"""The discovery document, and answers to browsers that ask first."""

import pytest
from pytest_django.fixtures import Settings

from tests.compat.perspective.calls import ANALYZE, analyze
from tests.compat.wire import call

pytestmark = pytest.mark.django_db
PATHS = ("/$discovery/rest", "/discovery/v1/apis/commentanalyzer/v1alpha1/rest")


@pytest.mark.parametrize("path", PATHS)
def test_the_document_leads_to_this_service(path: str, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://mod.example"
    answer = call("GET", path, query="version=v1alpha1")
    document = answer.body
    assert (answer.status, document["rootUrl"], document["servicePath"]) == (200, "https://mod.example/", "")
    methods = document["resources"]["comments"]["methods"]
    assert f"/{methods['analyze']['path']}" == ANALYZE
    assert methods["analyze"]["httpMethod"] == "POST"


def test_everything_that_the_document_refers_to_is_in_it() -> None:
    document = call("GET", PATHS[0]).body

    def references(value: object) -> set[str]:
        if isinstance(value, dict):
            own = {value["$ref"]} if "$ref" in value else set()
            return own.union(*map(references, value.values()))
        return set().union(*map(references, value)) if isinstance(value, list) else set()

    assert references(document) == document["schemas"].keys()


def test_there_is_one_version() -> None:
    answer = call("GET", PATHS[0], query="version=v2")
    assert (answer.status, answer.body["error"]["status"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("path", [ANALYZE, *PATHS, "/v1alpha1/nothing"])
def test_pages_of_any_site_may_call(path: str) -> None:
    asked = {"Origin": "https://forum.example", "Access-Control-Request-Method": "POST"}
    answer = call("OPTIONS", path, headers=asked)
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (204, "*")
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "Content-Type" in answer.headers["access-control-allow-headers"]


def test_a_page_may_read_refusals_too() -> None:
    answer = analyze("nonsense")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
