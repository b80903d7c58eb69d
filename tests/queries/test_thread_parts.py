"""The parts of a thread: every order reaches every root once, and every comment is found where it is."""

from uuid import uuid4

import pytest

from moderation.domain.status import Status
from moderation.models import Comment, Site, Thread
from moderation.queries.replies import REPLIES_SHOWN
from moderation.queries.thread_parts import read_part
from moderation.queries.threads import Position, Sort, ThreadPage
from tests.builders import build_site, submit_screened
from tests.queries.branches import count_branches, publish_replies

pytestmark = pytest.mark.django_db
LIMIT = 3


@pytest.fixture
def site() -> Site:
    return build_site()


@pytest.fixture
def roots(site: Site) -> list[Comment]:
    """Eight roots, by age; the fourth one has a reply."""
    first = submit_screened(site)
    others = publish_replies(first, 7)
    made = [first, *others]
    count_branches(others)
    submit_screened(site, "I agree.", parent_id=made[3].id, email="bo@reader.example")
    return made


def read(thread: Thread, **named: object) -> ThreadPage:
    page = read_part(thread, Position(limit=LIMIT)._replace(**named))  # type: ignore[arg-type]
    assert page is not None
    return page


def roots_of(page: ThreadPage) -> list[str]:
    return [str(comment.id) for comment in page.comments if comment.root_id is None]


def ids(comments: list[Comment]) -> list[str]:
    return [str(comment.id) for comment in comments]


def test_newest_first_goes_back_to_the_first_root(roots: list[Comment]) -> None:
    thread = roots[0].thread
    page, seen = read(thread, sort=Sort.NEWEST), list[str]()
    assert page.next_after is None
    while True:
        seen += roots_of(page)
        if page.previous_before is None:
            break
        page = read(thread, sort=Sort.NEWEST, before=page.previous_before)
        assert page.next_after is not None
    assert seen == ids(roots[::-1])


def test_oldest_first_goes_on_to_the_last_root(roots: list[Comment]) -> None:
    thread = roots[0].thread
    page, seen = read(thread, sort=Sort.OLDEST), list[str]()
    assert page.previous_before is None
    while True:
        seen += roots_of(page)
        if page.next_after is None:
            break
        page = read(thread, sort=Sort.OLDEST, after=page.next_after)
    assert seen == ids(roots)


def test_a_reply_stays_behind_its_root_in_every_order(roots: list[Comment]) -> None:
    thread = roots[0].thread
    for sort in Sort:
        page = read(thread, sort=sort, limit=20)
        shown = [comment.id for comment in page.comments]
        place = shown.index(roots[3].id)
        assert page.comments[place + 1].root_id == roots[3].id
        assert len(shown) == 9


@pytest.mark.parametrize("sort", list(Sort))
def test_the_page_of_any_comment_is_found_in_any_order(roots: list[Comment], sort: Sort) -> None:
    for each in Comment.objects.all():
        page = read(each.thread, sort=sort, around=each.id)
        assert page.is_known
        assert each.id in {comment.id for comment in page.comments}
        assert len(roots_of(page)) <= LIMIT


def test_a_reply_far_back_in_its_branch_is_found_there(site: Site) -> None:
    root = submit_screened(site)
    first = submit_screened(site, "I agree.", parent_id=root.id, email="bo@reader.example")
    replies = publish_replies(first, 2 * REPLIES_SHOWN)
    page = read(root.thread, around=replies[-2].id)
    assert (page.is_branch, page.is_known) == (True, True)
    assert [comment.id for comment in page.comments] == [root.id, replies[-2].id, replies[-1].id]


def test_a_comment_that_readers_do_not_see_gives_the_first_page(roots: list[Comment], site: Site) -> None:
    thread = roots[0].thread
    elsewhere = submit_screened(site, "Elsewhere.", url="https://news.example/second", email="c@r.example")
    Comment.objects.filter(id=roots[0].id).update(status=Status.REJECTED)
    for unseen in (uuid4(), elsewhere.id, roots[0].id):
        page = read(thread, around=unseen)
        assert not page.is_known
        assert unseen not in {comment.id for comment in page.comments}


def test_a_branch_that_is_not_there_is_none(roots: list[Comment]) -> None:
    assert read_part(roots[0].thread, Position(root=uuid4())) is None
