"""What a client is told while the store says no, and what it does then."""

from collections.abc import Iterable
from random import Random
from string import ascii_lowercase
from time import monotonic, sleep

import httpx

from tests.faults.service import ArmedService

PAGE = "https://news.example/an-article"


def long_text(key: str) -> str:
    """9,000 characters, the same for a key: random, as what compresses well needs no new block."""
    draw = Random(key)
    return " ".join([key, *("".join(draw.choices(ascii_lowercase, k=8)) for _ in range(1000))])


def check_answers(answers: Iterable[httpx.Response]) -> None:
    """Accepted, or a problem that says when to come back: nothing else."""
    for answer in answers:
        assert answer.status_code in (202, 503), answer.text
        if answer.status_code == 503:
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert int(answer.headers["Retry-After"]) > 0


def stored(service: ArmedService, keys: list[str]) -> list[str]:
    """Which of the texts are stored in any part."""
    statement = """SELECT k FROM unnest(%s::text[]) AS k
                   WHERE EXISTS (SELECT 1 FROM revision WHERE starts_with(body, k))"""
    return [row[0] for row in service.query(statement, [keys])]


def post_until_accepted(service: ArmedService, key: str) -> httpx.Response:
    """As a client does that heeds 503."""
    deadline = monotonic() + 60
    while (answer := service.post(long_text(key), key)).status_code != 202:
        assert answer.status_code == 503, answer.text
        assert monotonic() < deadline, "the service did not recover"
        sleep(0.5)
    return answer


def read_page(service: ArmedService) -> httpx.Response:
    """The thread in its frame."""
    return httpx.get(
        f"{service.stack.url}/embed/{service.made['public']}/thread", params={"url": PAGE}, timeout=20
    )
