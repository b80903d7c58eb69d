"""Fills a running service with the vectors, wherever people's words are taken."""

import re
from dataclasses import dataclass, field
from html import unescape
from time import monotonic, sleep
from typing import Any, Self

import httpx

from tests.xss.vectors import VECTORS, Vector

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_SITE = re.compile(r"/admin/sites/([0-9a-f-]{36})/")
AT_ONCE = 100


@dataclass
class Hostile:
    """The demo site's addresses, and the comments made of vectors by id."""

    url: str
    demo: dict[str, Any]
    published: dict[str, Vector] = field(default_factory=dict)
    held: dict[str, Vector] = field(default_factory=dict)
    site_id: str = ""

    @property
    def article(self) -> str:
        """The path of the page on which vectors are published."""
        return "/articles/the-song-that-would-not-leave/"

    @property
    def quiet_article(self) -> str:
        """The path of a page without them."""
        return "/articles/notes-from-a-sourdough-jar/"

    def server(self, key: str = "api_key") -> httpx.Client:
        """The site's own server as a client of the API."""
        return httpx.Client(
            base_url=f"{self.url}/api/v1/",
            headers={"Authorization": f"Bearer {self.demo[key]}"},
            timeout=30,
            trust_env=False,
        )

    def person(self) -> "Person":
        """The superuser's browser, without a browser."""
        return Person(self.url, **self.demo["admin"])


class Person:
    """Somebody who is logged in and sends forms."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self.client = httpx.Client(base_url=url, timeout=30, trust_env=False)
        self.post("/admin/login/", {"username": username, "password": password}, expected=302)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def get(self, path: str) -> str:
        """A page's source."""
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def post(
        self, path: str, values: dict[str, Any], *, form_at: str = "", expected: int = 302
    ) -> httpx.Response:
        """Send a form with the token that its page holds."""
        found = _TOKEN.search(self.get(form_at or path))
        assert found, path
        sent = {"csrfmiddlewaretoken": unescape(found[1]), **values}
        answer = self.client.post(path, data=sent)
        assert answer.status_code == expected, (path, answer.status_code, answer.text[:2000])
        return answer


def fill(hostile: Hostile) -> None:
    """Comments published and held, their notes, the site's words, lists, threads and keys."""
    with hostile.server() as server:
        for vector in VECTORS:
            if vector.body is not None:
                comment_id = submit(server, f"{hostile.url}{hostile.article}", vector)
                hostile.published[comment_id] = vector
        for vector in VECTORS:
            if vector.body is not None:
                page = f"{hostile.url}/held/{len(hostile.held)}"
                comment_id = submit(server, page, vector, title=" ".join(vector.body.split())[:300])
                hostile.held[comment_id] = vector
    with hostile.server("moderator_key") as moderator:
        await_screening(moderator)
        decide_many(moderator, [*hostile.published, *hostile.held], action="hold", reason="second_look")
        for comment_id, vector in hostile.published.items():
            decide(moderator, comment_id, action="approve", reason="fine", note=vector.body or "")
    with hostile.person() as person:
        found = _SITE.search(person.get("/admin/sites/"))
    assert found
    hostile.site_id = found[1]


def submit(server: httpx.Client, url: str, vector: Vector, *, title: str = "An article") -> str:
    """One comment made of a vector as far as each field takes it; its id."""
    number = VECTORS.index(vector)
    body = {
        "thread": {"url": url, "title": title},
        "name": vector.name or "A reader",
        "email": f"vector-{number}@reader.example",
        "website": vector.website or "",
        "body": vector.body,
    }
    answer = server.post("comments", json=body)
    assert answer.status_code == 202, (vector, answer.text)
    return str(answer.json()["id"])


def await_screening(moderator: httpx.Client, *, within_s: float = 60) -> None:
    """Wait until nothing is being screened."""
    deadline = monotonic() + within_s
    while moderator.get("comments", params={"status": "screening"}).json()["comments"]:
        assert monotonic() < deadline, "The screening takes too long."
        sleep(0.2)


def decide_many(moderator: httpx.Client, ids: list[str], **act: str) -> None:
    """One act on many; those that stand there already are left as they are."""
    for start in range(0, len(ids), AT_ONCE):
        chosen = [{"id": comment_id} for comment_id in ids[start : start + AT_ONCE]]
        answer = moderator.post("decisions", json={**act, "comments": chosen})
        assert answer.status_code == 200, answer.text
        problems = [one["problem"]["code"] for one in answer.json()["results"] if one["problem"]]
        assert set(problems) <= {"action_not_possible"}, problems


def decide(moderator: httpx.Client, comment_id: str, **act: str) -> None:
    """One act on one comment."""
    answer = moderator.post(f"comments/{comment_id}/decisions", json=act)
    assert answer.status_code == 201, answer.text
