"""Every published reply can be reached, whatever its own branch and the others are like."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from moderation.domain.status import Status
from moderation.models import Comment
from moderation.queries import replies as module
from moderation.queries.threads import branch_page, thread_page
from tests.builders import build_site, submit_screened
from tests.queries.branches import publish_replies

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return build_site()


def reply_to(site, parent: Comment, body: str = "I agree.", email: str = "bo@reader.example") -> Comment:
    return submit_screened(site, body, parent_id=parent.id, email=email)


def busy_root(site, count: int) -> tuple[Comment, list[Comment]]:
    root = submit_screened(site)
    first = reply_to(site, root)
    return root, [first, *publish_replies(first, count - 1)]


def test_a_busy_branch_takes_nothing_from_the_others(site):
    busy, many = busy_root(site, 450)
    quiet = submit_screened(site, "Another remark.", email="c@reader.example")
    only = reply_to(site, quiet, "A single answer.", "e@reader.example")
    page = thread_page(busy.thread)
    shown = [comment.id for comment in page.comments]
    assert shown[-2:] == [quiet.id, only.id]
    assert shown[1 : 1 + module.REPLIES_SHOWN] == [reply.id for reply in many[: module.REPLIES_SHOWN]]
    assert page.more_replies == {busy.id: many[module.REPLIES_SHOWN - 1].id}


def test_a_branch_is_read_on_to_its_last_reply(site):
    root, replies = busy_root(site, 201)
    page = thread_page(root.thread)
    seen = [comment.id for comment in page.comments[1:]]
    after = page.more_replies.get(root.id)
    while after is not None:
        branch = branch_page(root.thread, root.id, after=after, limit=50)
        assert branch is not None
        assert branch.comments[0].id == root.id
        seen += [comment.id for comment in branch.comments[1:]]
        after = branch.more_replies.get(root.id)
    assert seen == [reply.id for reply in replies]


def test_a_removed_reply_with_published_ones_under_it_keeps_its_place(site):
    root, replies = busy_root(site, 3)
    under = reply_to(site, replies[1], "Under it.", "e@reader.example")
    Comment.objects.filter(id__in=[replies[0].id, replies[1].id]).update(status=Status.REJECTED)
    page = thread_page(root.thread)
    assert [comment.id for comment in page.comments] == [root.id, replies[1].id, under.id, replies[2].id]
    assert [comment.is_removed for comment in page.comments] == [False, True, False, False]


def test_only_top_comments_of_the_thread_have_a_branch(site):
    root, replies = busy_root(site, 2)
    elsewhere = submit_screened(
        site, "Elsewhere.", url="https://news.example/second", email="d@reader.example"
    )
    assert branch_page(root.thread, elsewhere.id) is None
    assert branch_page(root.thread, replies[0].id) is None
    assert branch_page(root.thread, uuid4()) is None


def test_a_position_is_known_by_the_comment_it_names(site):
    root, replies = busy_root(site, 4)
    known = branch_page(root.thread, root.id, after=replies[0].id)
    invented = branch_page(root.thread, root.id, after=uuid4())
    assert known is not None
    assert invented is not None
    assert (known.is_known, invented.is_known) == (True, False)
    assert thread_page(root.thread, after=root.id).is_known
    assert not thread_page(root.thread, after=replies[0].id).is_known


def test_no_more_of_a_branch_is_read_than_shown(site):
    busy, _ = busy_root(site, 3_000)
    other = submit_screened(site, "Another remark.", email="c@reader.example")
    publish_replies(reply_to(site, other, "A single answer.", "e@reader.example"), 3_000)
    quiet = submit_screened(site, "A third remark.", email="f@reader.example")
    reply_to(site, quiet, "An only answer.", "g@reader.example")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE comment")
        cursor.execute(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {module._FIRST_OF_EACH_BRANCH}",
            ([busy.id, quiet.id], module._START, module.REPLIES_SHOWN + 1),
        )
        (plan,) = cursor.fetchone()
    (scan,) = [node for node in nodes(plan[0]["Plan"]) if node.get("Alias") == "reply"]
    assert scan["Index Name"] == "comment_replies"
    assert scan["Actual Rows"] * scan["Actual Loops"] == module.REPLIES_SHOWN + 2
    assert scan.get("Rows Removed by Filter", 0) == 0


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes(inner)
