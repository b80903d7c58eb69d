"""Campaigns: stores the domains and contacts that comments name, and has published members screened again."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from moderation.flow import jobs
from moderation.flow.jobs.kinds import SCREEN
from moderation.models import CampaignKey
from moderation.models.rows import insert_rows
from moderation.queries.campaigns import Named, count_clusters, keys_named_lately, published_members
from moderation.queries.contexts import ToScreen


def note_names(named: Iterable[Named]) -> None:
    """Store the domains and contacts that comments name which are screened for the first time.

    Runs in the transaction that finishes their screening. A second run writes nothing new.
    """
    insert_rows(CampaignKey, [_row(each) for each in named if each.is_first], ignore_conflicts=True)


def reopen_overlooked(judged: Sequence[ToScreen]) -> None:
    """Have published comments screened again if their cluster has grown since it was counted.

    Call it after the commit: when workers screen comments of one campaign at the same time, the last one to
    commit sees all of them. It reads what is stored and uses nothing that this run has found. It takes one
    statement, three more where other comments have lately named the same, and none when no comment names
    anything.
    """
    named = [each for subject in judged for each in subject.named if each.is_first]
    keys = keys_named_lately(named)
    named = [each for each in named if each.key in keys]
    if not named:
        return
    found = count_clusters(named)
    grown = {
        subject.comment.id
        for subject in judged
        if subject.comment.id in found
        and found[subject.comment.id].alike.authors > subject.context.campaign.alike.authors
    }
    members = published_members([each for each in named if each.comment_id in grown])
    if members:
        with transaction.atomic():
            jobs.lock(SCREEN, [], [comment_id for _, comment_id in members])  # in the order of all others
            jobs.enqueue(SCREEN, members)


def _row(named: Named) -> dict[str, object]:
    return {
        "site_id": named.site_id,
        "thread_id": named.thread_id,
        "author_id": named.author_id,
        "comment_id": named.comment_id,
        "key": named.key,
        "bands": named.bands,
        "has_record": named.has_record,
    }
