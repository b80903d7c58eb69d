"""Puts published threads straight into the database of a running service, and prints their texts' size.

Run by `bench/read.py` with the service's environment: `python -m bench.read_fill COUNT SIZE REPLIES NAME`
makes COUNT threads `https://bench.example/NAME-0/` and so on of SIZE comments each, under each root REPLIES
replies. It has no `main`, as it is no measurement by itself.
"""

import gzip
import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import django

django.setup()

from django.db import connection, transaction
from django.utils.timezone import now

from bench.stack import HOST
from bench.texts import WORDS, real_comments
from moderation.domain.status import Status
from moderation.lib.markup import render_body
from moderation.lib.uuid7 import uuid7
from moderation.models import Author, Comment, Revision, Site, Thread
from moderation.privacy import vault

_AUTHORS = 400
_TEXTS = real_comments(11, words=WORDS)
_BODY_HASHES = count(1)


@transaction.atomic
def fill(site: Site, thread_count: int, size: int, replies: int, name: str) -> dict[str, int]:
    """Make the threads; tells how large texts and names of the first one are, plain and by gzip."""
    authors = _make_authors(site)
    sizes: list[dict[str, int]] = []
    for number in range(thread_count):
        url = f"https://{HOST}/{name}-{number}/"
        thread = Thread.objects.create(site=site, key=url, url=url, title=name, published_count=size)
        comments, revisions = zip(*_make_comments(thread, authors, size, replies), strict=True)
        Comment.objects.bulk_create(comments, batch_size=500)
        Revision.objects.bulk_create(revisions, batch_size=500)
        bare = "\n".join(f"{c.author_name}\n{r.body}" for c, r in zip(comments, revisions, strict=True))
        zipped = gzip.compress(bare.encode(), compresslevel=6, mtime=0)
        sizes.append({"bare": len(bare.encode()), "bare_gzip": len(zipped)})
    return sizes[0]


def _make_authors(site: Site) -> list[Author]:
    hashes = [vault.address_hash(f"reader{each}@reader.example", site_id=site.id) for each in range(_AUTHORS)]
    made = [Author(site=site, address_hash=each) for each in hashes]
    Author.objects.bulk_create(made, ignore_conflicts=True)
    return list(Author.objects.filter(site=site).order_by("id"))


def _make_comments(
    thread: Thread, authors: list[Author], size: int, replies: int
) -> Iterator[tuple[Comment, Revision]]:
    ids = sorted(uuid7() for _ in range(size))
    root: Comment | None = None
    for number, each in enumerate(ids):
        is_root = number % (replies + 1) == 0
        name, text = next(_TEXTS)
        at = now() - timedelta(minutes=size - number)
        revision = Revision(site=thread.site, comment_id=each, body=text, body_html=render_body(text))
        above = None if is_root or root is None else root
        comment = Comment(
            id=each,
            site=thread.site,
            thread=thread,
            author=authors[number * 7 % len(authors)],
            parent=above,
            root=above,
            depth=0 if is_root else 1,
            status=Status.PUBLISHED.value,
            author_name=name[:100],
            body_hash=next(_BODY_HASHES),
            current_revision=revision,
            published_revision=revision,
            submitted_at=at,
            published_at=at,
        )
        root = comment if is_root else root
        yield comment, revision


thread_count, size, replies, name = sys.argv[1:5]
with connection.cursor() as cursor:
    cursor.execute("SET transaction_timeout = 0")  # thousands of comments take longer than a reader may wait
print(
    json.dumps(
        fill(Site.objects.get(hosts__contains=[HOST]), int(thread_count), int(size), int(replies), name)
    )
)
