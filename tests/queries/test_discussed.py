"""The most discussed roots first, by counters that every way to publish and remove keeps."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from moderation.domain.status import Action, Status
from moderation.flow.comments.decide import Choice, decide
from moderation.models import BranchSize, Comment, Site
from moderation.queries import discussed
from moderation.queries.discussed import discussed_page
from moderation.queries.published_rows import _SELECT
from moderation.queries.thread_parts import read_part
from moderation.queries.threads import Position, Sort
from tests.builders import build_moderator, build_site, person, submit_screened
from tests.queries.branches import count_branches, publish_replies
from tests.queries.test_replies import nodes

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return build_site()


def reply_to(site: Site, parent: Comment, number: int) -> Comment:
    email = f"r{number}@reader.example"
    return submit_screened(site, f"Answer number {number}.", parent_id=parent.id, email=email)


@pytest.fixture
def roots(site: Site) -> list[Comment]:
    """Four roots with 1, 0, 2 and 0 published replies."""
    made = [submit_screened(site, f"Remark {n}.", email=f"w{n}@reader.example") for n in range(4)]
    reply_to(site, made[0], 1)
    below = reply_to(site, made[2], 2)
    reply_to(site, below, 3)
    return made


def order_of(page: Any) -> list[Any]:
    return [comment.id for comment in page.comments if comment.root_id is None]


def sizes() -> dict[Any, int]:
    return dict(BranchSize.objects.values_list("root_id", "replies"))


def test_roots_come_by_replies_and_those_of_equal_number_from_the_newest_back(roots: list[Comment]) -> None:
    page = discussed_page(roots[0].thread)
    assert order_of(page) == [roots[2].id, roots[0].id, roots[3].id, roots[1].id]
    assert len(page.comments) == 7
    assert (page.previous_before, page.next_after) == (None, None)


def test_it_is_read_on_to_the_last_root(roots: list[Comment]) -> None:
    thread, seen, before = roots[0].thread, list[Any](), None
    while True:
        page = discussed_page(thread, before=before, limit=1)
        assert page.is_known
        seen += order_of(page)
        before = page.previous_before
        if before is None:
            break
    assert seen == [roots[2].id, roots[0].id, roots[3].id, roots[1].id]


def test_a_root_that_is_not_there_gives_the_first_page_as_unknown(roots: list[Comment], site: Site) -> None:
    elsewhere = submit_screened(site, "Elsewhere.", url="https://news.example/second", email="c@r.example")
    for unknown in (uuid4(), elsewhere.id):
        page = discussed_page(roots[0].thread, before=unknown)
        assert not page.is_known
        assert order_of(page)[0] == roots[2].id


def test_the_page_of_a_comment_begins_with_its_root(roots: list[Comment]) -> None:
    position = Position(around=roots[3].id, sort=Sort.DISCUSSED, limit=2)
    page = read_part(roots[0].thread, position)
    assert page is not None
    assert order_of(page) == [roots[3].id, roots[1].id]


def test_a_removed_reply_counts_no_more_and_a_restored_one_again(site: Site, roots: list[Comment]) -> None:
    reply = Comment.objects.filter(root_id=roots[2].id).latest("id")
    actor = person(build_moderator([site]))
    for action, count in ((Action.REJECT, 1), (Action.APPROVE, 2)):
        reason = "off_topic" if action == Action.REJECT else "fine"
        decide(Choice(reply.id), site_id=site.id, action=action, reason=reason, actor=actor)
        assert sizes()[roots[2].id] == count
    assert sizes() == {roots[0].id: 1, roots[1].id: 0, roots[2].id: 2, roots[3].id: 0}


def test_a_removed_root_is_shown_as_long_as_it_has_replies(site: Site, roots: list[Comment]) -> None:
    Comment.objects.filter(id__in=[roots[2].id, roots[1].id]).update(status=Status.REJECTED)
    page = discussed_page(roots[0].thread)
    assert order_of(page) == [roots[2].id, roots[0].id, roots[3].id]
    assert page.comments[0].is_removed
    assert page.comments[0].author_name == ""


def test_counters_agree_with_what_is_published(roots: list[Comment]) -> None:
    counted = {
        root.id: Comment.objects.filter(root_id=root.id, status=Status.PUBLISHED).count() for root in roots
    }
    assert sizes() == counted


def test_no_more_of_a_long_thread_is_read_than_shown(site: Site) -> None:
    first = submit_screened(site)
    copies = publish_replies(first, 3_000)
    count_branches(copies, *range(50))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE comment, revision, branch_size")
        cursor.execute(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {_SELECT} {discussed._FROM}",
            (first.thread_id, 20, copies[1520].id, 12),
        )
        (plan,) = cursor.fetchone()
    (scan,) = [node for node in nodes(plan[0]["Plan"]) if node.get("Relation Name") == "branch_size"]
    assert scan["Index Name"] == "branch_most_discussed"
    assert scan["Actual Rows"] * scan["Actual Loops"] <= 13
