"""Threads with many published replies, made quickly."""

from django.db import transaction

from moderation.lib.uuid7 import uuid7
from moderation.models import BranchSize, Comment, Revision


def publish_replies(pattern: Comment, count: int) -> list[Comment]:
    """`count` published copies of the published reply `pattern`, named `Reply 0` and so on."""
    fields = {
        field.attname: getattr(pattern, field.attname)
        for field in Comment._meta.concrete_fields
        if field.attname
        not in ("id", "body_hash", "author_name", "current_revision_id", "published_revision_id")
    }
    text = pattern.published_revision
    assert text is not None
    ids = sorted(uuid7() for _ in range(count))  # those of one millisecond come in no order
    texts = [
        Revision(site_id=pattern.site_id, comment_id=each, body=text.body, body_html=text.body_html)
        for each in ids
    ]
    copies = [
        Comment(
            id=each,
            body_hash=number,
            author_name=f"Reply {number}.",
            current_revision_id=own.id,
            published_revision_id=own.id,
            **fields,
        )
        for number, (each, own) in enumerate(zip(ids, texts, strict=True))
    ]
    with transaction.atomic():
        Revision.objects.bulk_create(texts, batch_size=1000)
        return Comment.objects.bulk_create(copies, batch_size=1000)


def count_branches(roots: list[Comment], *replies: int) -> None:
    """Write the counters of copied roots, by turns these numbers of replies, 0 without any."""
    BranchSize.objects.bulk_create(
        BranchSize(
            root=root,
            site_id=root.site_id,
            thread_id=root.thread_id,
            replies=replies[place % len(replies)] if replies else 0,
        )
        for place, root in enumerate(roots)
    )
