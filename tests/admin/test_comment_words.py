"""A comment's page names the words that its verdict hangs on."""

import re

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


def sentences(html: str) -> list[str]:
    """What the page says of words that make the difference."""
    return re.findall("Without “<bdi>.*?(?=</p>)", html, re.DOTALL)


def test_the_words_that_make_the_difference_are_named():
    (said,) = sentences(shown("I read all of it twice, and the author is a worthless idiot"))
    words = re.findall("“<bdi>(.*?)</bdi>”", said)
    assert " ".join(words) in "the author is a worthless idiot"
    assert "idiot" in words[-1]
    assert said.endswith("it would be published.")


def test_no_words_are_named_where_none_is_to_blame():
    """It is held for its link: any of its words might go, and it would be held all the same."""
    html = shown(LINKED[0])
    assert "links.first_link" in html
    assert sentences(html) == []
