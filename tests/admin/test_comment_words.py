"""A comment's page names the words that its verdict hangs on."""

import pytest

from moderation.models.role import RoleName
from tests.admin.desk import item_url
from tests.admin.people import person_with
from tests.builders import LINKED, build_site, submit_screened

pytestmark = pytest.mark.django_db


def shown(body: str) -> str:
    site = build_site()
    comment = submit_screened(site, body)
    assert comment.status == "held"
    return person_with(RoleName.MODERATOR, site).get(item_url(comment.id)).content.decode()


def test_the_words_that_make_the_difference_are_named():
    html = shown("I read all of it twice, and the author is a worthless idiot")
    assert "Without “<bdi>" in html
    assert "it would be published." in html


def test_no_words_are_named_where_none_is_to_blame():
    assert "it would be published.</p>" not in shown(LINKED[0]).replace("would be published without", "")
