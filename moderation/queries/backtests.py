"""Backtests for people to look at: the runs of a rule, and the comments that it treats differently."""

from collections.abc import Sequence
from uuid import UUID

from moderation.domain.errors import NotFound
from moderation.models import Backtest, Comment, Site


def latest_backtests(site: Site, rule_id: UUID, *, limit: int = 10) -> list[Backtest]:
    """The runs of one rule, the latest first."""
    found = Backtest.objects.filter(site=site, rule_id=rule_id).select_related("rule_version", "created_by")
    return list(found.order_by("-created_at")[:limit])


def access_backtest(site: Site, rule_id: UUID, backtest_id: UUID) -> Backtest:
    """One run of one of the site's rules. Raises `NotFound`."""
    found = Backtest.objects.select_related("rule_version", "created_by").filter(
        id=backtest_id, site=site, rule_id=rule_id
    )
    run = found.first()
    if run is None:
        raise NotFound
    return run


def comments_of(site: Site, comment_ids: Sequence[str]) -> list[Comment]:
    """The site's comments among these, in the given order, with their texts; deleted ones are left out."""
    found = Comment.objects.filter(site=site, id__in=comment_ids).select_related("current_revision")
    by_id = {str(comment.id): comment for comment in found}
    return [by_id[each] for each in comment_ids if each in by_id]
