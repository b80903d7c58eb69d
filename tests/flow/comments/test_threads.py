"""From a request to a thread."""

import pytest

from moderation.domain.errors import InvalidFields, ThreadNotAllowed
from moderation.flow.comments.threads import MOST_KEY, ThreadRef, find_thread, open_thread
from moderation.models import Site, Thread
from tests.builders import build_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return build_site(host="news.example:8080")


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example:8080/a",
        "https://NEWS.example:8080/a#comments",
        "https://news.example:8080/a?utm_source=letter",
    ],
)
def test_one_page_is_one_thread_however_it_is_spelled(site: Site, url: str) -> None:
    first = open_thread(site, ThreadRef(url="https://news.example:8080/a"), anywhere=False)
    assert find_thread(site.id, ThreadRef(url=url)) == first


@pytest.mark.parametrize("url", ["", "news", "javascript:alert(1)", "https://", "https://user@news.example/"])
def test_a_page_without_a_real_address_is_refused(site: Site, url: str) -> None:
    with pytest.raises(InvalidFields) as refused:
        open_thread(site, ThreadRef(url=url), anywhere=True)
    assert refused.value.errors[0].field == "thread.url"


@pytest.mark.parametrize(
    "url", ["https://news.example/a", "https://news.example.evil.example:8080/", "https://evil.example/"]
)
def test_a_public_key_opens_threads_only_on_the_sites_own_hosts(site: Site, url: str) -> None:
    with pytest.raises(ThreadNotAllowed):
        open_thread(site, ThreadRef(url=url), anywhere=False)
    with pytest.raises(ThreadNotAllowed):
        open_thread(site, ThreadRef(key="mine", url=url), anywhere=False)


def test_a_key_of_its_own_needs_no_url_where_the_site_vouches(site: Site) -> None:
    thread = open_thread(site, ThreadRef(key="article-7", title="Seven"), anywhere=True)
    assert (thread.url, str(thread)) == ("", "Seven")
    with pytest.raises(ThreadNotAllowed):
        open_thread(site, ThreadRef(key="article-8"), anywhere=False)


def test_very_long_keys_stay_apart(site: Site) -> None:
    one, two = ("x" * MOST_KEY + end for end in ("a", "b"))
    first = open_thread(site, ThreadRef(key=one), anywhere=True)
    second = open_thread(site, ThreadRef(key=two), anywhere=True)
    assert first != second
    assert find_thread(site.id, ThreadRef(key=one)) == first
    assert all(len(thread.key) == MOST_KEY for thread in Thread.objects.all())


def test_the_same_page_belongs_to_each_site_by_itself(site: Site) -> None:
    other = build_site("Other", host="news.example:8080")
    url = ThreadRef(url="https://news.example:8080/a")
    assert open_thread(site, url, anywhere=False) != open_thread(other, url, anywhere=False)
