"""The two Akismet clients of npm, by their own options for the host."""

import pytest

from tests.foreign.node_clients import NodeClients, Outcome
from tests.foreign.service import BLOG, CALM, SPAM, WRONG_AKISMET, ForeignService, fresh

pytestmark = pytest.mark.foreign


def call_akismet_api(
    node: NodeClients, service: ForeignService, key: str, *calls: list[object]
) -> list[Outcome]:
    """npm `akismet-api`, which asks `<key>.<host>` and sends the key in no other place."""
    options = {"key": key, "blog": BLOG, "host": f"localhost:{service.port}", "protocol": "http"}
    return node.call("akismet_api.cjs", options, calls, preload="local_names.cjs")


def call_cedx(node: NodeClients, service: ForeignService, key: str, *calls: list[object]) -> list[Outcome]:
    """npm `@cedx/akismet`, which has a `baseUrl`."""
    options = {"key": key, "blog": {"blog": BLOG, "blog_lang": "en"}, "baseUrl": service.url}
    return node.call("cedx_akismet.cjs", options, calls)


def test_akismet_api_does_its_whole_job(node: NodeClients, service: ForeignService):
    calm = {"ip": "203.0.113.9", "name": "Ada Reader", "email": "ada@reader.example", "content": fresh(CALM)}
    advertising = {**calm, "content": fresh(SPAM)}
    guaranteed = {**calm, "name": "akismet-guaranteed-spam", "isTest": True}
    valid, ham, spam, sure, reported, taken_back = call_akismet_api(
        node,
        service,
        service.akismet,
        ["verifyKey"],
        ["checkSpam", calm],
        ["checkSpam", advertising],
        ["checkSpam", guaranteed],
        ["submitSpam", calm],
        ["submitHam", calm],
    )
    assert [valid.good, ham.good, spam.good, sure.good] == [True, False, True, True]
    for answer in (reported, taken_back):
        assert answer.good == {"status": 200, "text": "Thanks for making the web a better place."}
    assert service.status_of(calm["content"]) == "published"


def test_akismet_api_fills_the_honeypot_and_is_believed(node: NodeClients, service: ForeignService):
    trapped = {"ip": "203.0.113.9", "content": fresh(CALM), "honeypot": "http://cheap-pills.example/"}
    [caught] = call_akismet_api(node, service, service.akismet, ["checkSpam", trapped])
    assert caught.good is True


def test_akismet_api_throws_what_the_service_says_of_a_wrong_key(node: NodeClients, service: ForeignService):
    for key in (WRONG_AKISMET, service.revoked_akismet):
        valid, checked = call_akismet_api(
            node, service, key, ["verifyKey"], ["checkSpam", {"ip": "203.0.113.9", "content": CALM}]
        )
        assert valid.good is False
        assert checked.bad["message"] == "Invalid API key"


def test_cedx_akismet_does_its_whole_job(node: NodeClients, service: ForeignService):
    text = fresh(CALM)
    calm = {
        "user_ip": "203.0.113.9",
        "comment_author": "Ada Reader",
        "comment_author_email": "ada@reader.example",
        "comment_content": text,
        "comment_context": ["roads", "council"],
        "comment_date_gmt": "2026-11-29T10:00:00.000Z",
        "comment_type": "comment",
        "permalink": "https://news.example/roads",
    }
    advertising = {**calm, "comment_content": fresh(SPAM)}
    valid, ham, spam, reported, taken_back = call_cedx(
        node,
        service,
        service.akismet,
        ["verifyKey"],
        ["checkComment", calm],
        ["checkComment", advertising],
        ["submitSpam", calm],
        ["submitHam", calm],
    )
    assert [valid.good, ham.good, spam.good in (1, 2)] == [True, 0, True]
    assert reported.good is None
    assert taken_back.good is None
    stored = service.stored(text)
    assert stored is not None
    assert stored["thread"]["url"] == "https://news.example/roads"


def test_cedx_akismet_throws_the_help_of_a_wrong_key(node: NodeClients, service: ForeignService):
    for key in (WRONG_AKISMET, service.revoked_akismet):
        comment = {"user_ip": "203.0.113.9", "comment_content": CALM}
        valid, *refused = call_cedx(
            node,
            service,
            key,
            ["verifyKey"],
            ["checkComment", comment],
            ["submitSpam", comment],
            ["submitHam", comment],
        )
        assert valid.good is False
        for each in refused:
            # The text of X-akismet-debug-help; without it this client would take any answer for spam.
            assert each.bad["name"] == "Error"
            assert "key" in each.bad["message"].lower()
