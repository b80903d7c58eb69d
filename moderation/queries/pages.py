"""What the readers' pages read besides comments."""

from collections.abc import Collection
from uuid import UUID

from moderation.domain.status import Status
from moderation.models import Comment, Site, Thread


def find_site_by_slug(slug: str) -> Site | None:
    """The site with this slug."""
    return Site.objects.filter(slug=slug).first()


def counts_of_threads(site_id: UUID, keys: Collection[str]) -> dict[str, int]:
    """The number of published comments of each of the site's threads named by key; keys without a thread are
    missing.
    """
    return dict(Thread.objects.filter(site_id=site_id, key__in=keys).values_list("key", "published_count"))


def find_own_comment(thread: Thread, comment_id: UUID) -> Comment | None:
    """A comment of this thread in any status, with its current text, for its author's eyes."""
    return (
        Comment.objects.filter(id=comment_id, site_id=thread.site_id, thread_id=thread.id)
        .select_related("current_revision", "published_revision", "author")
        .first()
    )


def name_of_published(thread: Thread, comment_id: UUID) -> str | None:
    """The author's name of a published comment of this thread; None if readers see no such comment."""
    return (
        Comment.objects.filter(
            id=comment_id, site_id=thread.site_id, thread_id=thread.id, status=Status.PUBLISHED
        )
        .values_list("author_name", flat=True)
        .first()
    )


def takes_comments(site: Site, thread: Thread | None) -> bool:
    """Whether readers may comment: the thread's own setting, or else the site's."""
    if thread is None or thread.is_open is None:
        return site.is_open
    return thread.is_open
