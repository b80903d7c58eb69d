"""Which pages' scripts may call, and which may read the answer."""

from collections.abc import Mapping

import pytest

from moderation.models import Comment, Site
from tests.api.calls import Api, secret_api, submission
from tests.builders import build_site

pytestmark = pytest.mark.django_db

COMMENTS = "/api/v1/comments"
OURS = "https://news.example"
FOREIGN = [
    "https://news.example.evil.example",
    "https://evilnews.example",
    "https://news.example:8443",
    "https://sub.news.example",
    "https://user@news.example",
    "https://news.example/path",
    "https://news.example,https://evil.example",
    "file://",
    "null",
    "",
    "*",
    "\u00ff",
]


def cors_headers(headers: Mapping[str, str]) -> list[str]:
    return [name for name in headers if name.lower().startswith("access-control")]


def test_a_page_of_the_site_may_post_and_read_the_answer(public: Api) -> None:
    for body, status in ((submission(), 202), ({}, 400)):
        answer = public.post(COMMENTS, body, Origin=OURS)
        assert answer.status == status
        assert answer.headers["Access-Control-Allow-Origin"] == OURS
        assert "Origin" in answer.headers["Vary"]
        assert "Location" in answer.headers["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("origin", FOREIGN)
def test_no_other_page_may(public: Api, origin: str) -> None:
    answer = public.post(COMMENTS, submission(), Origin=origin)
    assert (answer.status, answer.code) == (403, "origin_not_allowed")
    assert not cors_headers(answer.headers)
    assert not Comment.objects.exists()


def test_a_page_of_another_site_may_ask_but_not_post(public: Api) -> None:
    build_site("Other", host="other.example:8000")
    origin = "http://other.example:8000"
    asked = Api().call("OPTIONS", COMMENTS, headers={"Origin": origin})
    assert (asked.status, asked.headers["Access-Control-Allow-Origin"]) == (204, origin)
    assert public.post(COMMENTS, submission(), Origin=origin).status == 403


def test_a_preflight_says_what_a_page_may_send(site: Site) -> None:
    asked = Api().call(
        "OPTIONS",
        COMMENTS,
        headers={
            "Origin": OURS,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
        },
    )
    assert (asked.status, asked.raw) == (204, b"")
    assert asked.headers["Access-Control-Allow-Origin"] == OURS
    assert asked.headers["Access-Control-Allow-Methods"] == "POST"
    assert "Idempotency-Key" in asked.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in asked.headers


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_preflight_of_no_sites_page_is_refused(site: Site, origin: str) -> None:
    asked = Api().call("OPTIONS", COMMENTS, headers={"Origin": origin})
    assert (asked.status, asked.code) == (403, "origin_not_allowed")
    assert not cors_headers(asked.headers)


def test_a_secret_key_is_no_business_of_pages(site: Site) -> None:
    answer = secret_api(site).post(COMMENTS, submission(), Origin=OURS)
    assert answer.status == 202
    assert not cors_headers(answer.headers)


def test_options_elsewhere_only_say_what_is_possible(site: Site) -> None:
    answer = Api().call("OPTIONS", "/api/v1/decisions", headers={"Origin": OURS})
    assert (answer.status, answer.headers["Allow"]) == (204, "POST, OPTIONS")
    assert not cors_headers(answer.headers)
