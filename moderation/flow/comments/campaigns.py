"""Campaigns: what comments name is written down as they come, so that a crowd is seen as it gathers."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction

from moderation.domain.status import Status
from moderation.engine.facts import CampaignFacts
from moderation.flow import jobs
from moderation.flow.job_kinds import SCREEN
from moderation.models import CampaignKey
from moderation.models.rows import insert_rows
from moderation.queries.campaigns import Named, count_crowds, published_members
from moderation.queries.contexts import ToScreen
from moderation.queries.due_comments import DueComment


def gather_crowds(
    comments: Mapping[UUID, DueComment], named: Sequence[Named]
) -> Mapping[UUID, CampaignFacts]:
    """Write down what `comments` name, and tell of each how many others named the same within a day.

    Written at once and before anything is counted: comments that are screened at the same moment, here or by
    another worker, see one another. A second run writes nothing new. Two statements.
    """
    new = [each for each in named if _is_new(comments[each.comment_id])]
    insert_rows(CampaignKey, [_row(comments[each.comment_id], each) for each in new], ignore_conflicts=True)
    return count_crowds(named)


def reopen_members(subjects: Sequence[ToScreen]) -> None:
    """Have the published comments of the campaigns that new comments belong to screened again.

    Only a first screening asks, so that campaigns do not call each other for ever; what a person decided is
    left alone, and each comment is judged by its own site's policy. May be repeated without harm.
    """
    named = [each for subject in subjects for each in subject.named]
    if not named:
        return
    members = published_members(named)
    if members:
        with transaction.atomic():
            jobs.enqueue(SCREEN, members)


def _is_new(comment: DueComment) -> bool:
    """Not screened before, and not brought over from elsewhere: a year of comments comes in a minute then."""
    return comment.status == Status.SCREENING and comment.form.source != "import"


def _row(comment: DueComment, named: Named) -> dict[str, object]:
    return {
        "site_id": comment.site_id,
        "thread_id": comment.thread_id,
        "author_id": comment.author_id,
        "comment_id": comment.id,
        "key": named.key,
        "bands": named.bands,
        "has_record": comment.author.has_record,
    }
