"""Reads and sends the classic form as a browser would, without one."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.test import Client

from moderation.flow.site.settings import create_site
from moderation.models import Site
from moderation.queries.articles import DEMO_SLUG, all_articles, article_url

ARTICLE = all_articles()["the-ferry-that-waits"]
PATH = ARTICLE.path
POST_TO = f"{PATH}comments/"
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)"[^>]* value="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer with its text."""

    response: Any
    text: str

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.response.status_code)


def build_demo_site(**fields: object) -> Site:
    """The demo site without its comments."""
    site = create_site("The Larkhaven Courier", hosts=["127.0.0.1:8000"], slug=DEMO_SLUG, languages=["en"])
    for name, value in fields.items():
        setattr(site, name, value)
    site.save()
    return site


def hidden_inputs(page: str) -> dict[str, str]:
    """Names and values of the form's hidden inputs."""
    return {name: unescape(value) for name, value in _HIDDEN.findall(page)}


def fetch(client: Client, path: str = PATH, **headers: str) -> Sent:
    response = client.get(path, **headers)  # type: ignore[arg-type]
    return Sent(response, response.content.decode())


def send(client: Client, *, page: str = PATH, to: str = POST_TO, **changes: str) -> Sent:
    """Fetch `page`, fill in its form with `changes`, send it."""
    typed = {
        **hidden_inputs(fetch(client, page).text),
        "comment": "My grandmother sold eggs on that boat.",
        "author": "Wilma Dray",
        "email": "wilma@reader.example",
        "url": "",
        "comment_subject": "",
        **changes,
    }
    response = client.post(to, typed)
    return Sent(response, response.content.decode())


def location_of(sent: Sent) -> str:
    """Where the answer leads, without the fragment."""
    return str(sent.response["Location"]).partition("#")[0]


def url() -> str:
    return article_url(ARTICLE)
