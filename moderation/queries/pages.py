"""What the readers' pages look up besides the comments themselves."""

from collections.abc import Collection
from uuid import UUID

from moderation.domain.status import Status
from moderation.models import Comment, Site, Thread


def find_site_by_slug(slug: str) -> Site | None:
    """The site of this slug."""
    return Site.objects.filter(slug=slug).first()


def counts_of_threads(site_id: UUID, keys: Collection[str]) -> dict[str, int]:
    """Published comments of each of the site's threads named by key; those without a thread are missing."""
    return dict(Thread.objects.filter(site_id=site_id, key__in=keys).values_list("key", "published_count"))


def find_own_comment(thread: Thread, comment_id: UUID) -> Comment | None:
    """A comment of this thread in any status, with its current text, for its author's eyes."""
    return (
        Comment.objects.filter(id=comment_id, site_id=thread.site_id, thread_id=thread.id)
        .select_related("current_revision", "published_revision", "author")
        .first()
    )


def name_of_published(thread: Thread, comment_id: UUID) -> str | None:
    """Whose published comment of this thread it is; None where readers see no such comment."""
    return (
        Comment.objects.filter(
            id=comment_id, site_id=thread.site_id, thread_id=thread.id, status=Status.PUBLISHED
        )
        .values_list("author_name", flat=True)
        .first()
    )


def takes_comments(site: Site, thread: Thread | None) -> bool:
    """Whether readers may comment: as the thread says, else as the site says."""
    if thread is None or thread.is_open is None:
        return site.is_open
    return thread.is_open
