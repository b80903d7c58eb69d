"""The demo site's articles and first comments: files in `demo_data/`."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from moderation.lib.markup import render_body
from moderation.lib.urls import canonical_url

DATA = Path(__file__).parent.parent / "demo_data"
NEWSPAPER = "The Larkhaven Courier"
DEMO_SLUG = "larkhaven-courier-demo"
# The article that a visitor sees first, and the one with the comments on videos.
FIRST_ARTICLE = "the-toaster-comes-home"
VIDEO_ARTICLE = "the-song-that-would-not-leave"
VIDEO_HOURS_AGO = 110.0


@dataclass(frozen=True, slots=True)
class Article:
    """One article. `previous` and `next` are the slugs of its neighbours, empty at the ends."""

    slug: str
    title: str
    deck: str
    section: str
    author: str
    published_on: date
    html: SafeString
    previous: str
    next: str

    @property
    def path(self) -> str:
        """Its address within the site."""
        return f"/articles/{self.slug}/"


@dataclass(frozen=True, slots=True)
class DemoComment:
    """A comment that the demo starts with. `parent` is the key of the comment it replies to, or empty.

    `is_robot`: it is sent as a robot would send it, with the hidden field filled in.
    """

    key: str
    parent: str
    article: str
    name: str
    website: str
    hours_ago: float
    is_robot: bool
    text: str


@cache
def all_articles() -> dict[str, Article]:
    """All articles by slug, the newest first."""
    articles = [_read(path) for path in (DATA / "articles").glob("*.md")]
    articles.sort(key=lambda article: article.published_on, reverse=True)
    return {article.slug: article for article in articles}


def _read(path: Path) -> Article:
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    return Article(
        slug=path.stem,
        title=fields["title"],
        deck=fields["deck"],
        section=fields["section"],
        author=fields["author"],
        published_on=date.fromisoformat(fields["date"]),
        html=mark_safe(render_body(_join_lines(body))),  # noqa: S308 - our own file, sanitised all the same
        previous=fields.get("previous", ""),
        next=fields.get("next", ""),
    )


def _join_lines(body: str) -> str:
    """Join the lines of a paragraph: a reader's line break is kept, but in a file it only ends a line."""
    return "\n\n".join(part.replace("\n", " ") for part in body.split("\n\n"))


def article_url(article: Article) -> str:
    """The article's full address, which is also its thread's key."""
    return canonical_url(f"{settings.PUBLIC_URL}{article.path}")


def demo_comments() -> list[DemoComment]:
    """All first comments, the oldest first."""
    return sorted([*_conversation(), *_videos()], key=lambda comment: -comment.hours_ago)


def _conversation() -> Iterator[DemoComment]:
    for row in _rows("conversation.csv"):
        yield DemoComment(
            key=row["key"],
            parent=row["parent"],
            article=row["article"],
            name=row["name"],
            website=row["website"],
            hours_ago=float(row["hours_ago"]),
            is_robot=row["honeypot"] == "yes",
            text=row["text"],
        )


def _videos() -> Iterator[DemoComment]:
    rows = _rows("videos.csv")
    for number, row in enumerate(rows):
        yield DemoComment(
            key=row["id"],
            parent="",
            article=VIDEO_ARTICLE,
            name=row["author"],
            website="",
            hours_ago=VIDEO_HOURS_AGO * (1 - number / len(rows)),
            is_robot=row["honeypot"] == "yes",
            text=row["text"],
        )


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
