"""The thread in a page: order, depth, paging, what is removed, and what it costs."""

import re
from html import unescape

import pytest
from django.test import Client

from moderation.domain.status import Action
from moderation.flow.comments.decide import Choice, decide
from moderation.models import Comment
from tests.builders import build_moderator, person, screen_all, submit, submit_screened
from tests.embed.forms import PATH, build_demo_site, fetch, location_of, send, url
from tests.queries.branches import publish_replies

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site():
    return build_demo_site()


def reply(site, parent: Comment, body: str, **changes) -> Comment:
    return submit_screened(site, body, parent_id=parent.id, url=url(), **changes)


def remove(site, comment: Comment) -> None:
    comment.refresh_from_db()
    choice = Choice(comment.id, comment.version)
    decide(
        choice, site_id=site.id, action=Action.REJECT, reason="insult", actor=person(build_moderator([site]))
    )


def test_an_empty_thread_invites(client: Client):
    page = fetch(client).text
    assert "0 comments" in page
    assert "Be the first to comment." in page


def test_replies_nest_twice_and_then_say_whom_they_answer(client: Client, site):
    comment = submit_screened(site, "Level 0.", name="Zero", url=url())
    for level, name in enumerate(("One", "Two", "Three", "Four"), start=1):
        comment = reply(site, comment, f"Level {level}.", name=name, email=f"{name}@reader.example")
    page = fetch(client).text
    assert [int(n) for n in re.findall(r"Level (\d)\.", page)] == [0, 1, 2, 3, 4]
    assert page.count('<ol class="comment-replies">') == 2
    assert "in reply to <bdi>Two</bdi>" in page
    assert "in reply to <bdi>Three</bdi>" in page
    assert "in reply to <bdi>One</bdi>" not in page
    assert "5 comments" in page


def test_a_removed_comment_keeps_the_place_of_its_replies(client: Client, site):
    root = submit_screened(site, "Soon gone.", name="Gone Soon", url=url())
    reply(site, root, "Still here.", email="b@reader.example")
    remove(site, root)
    page = fetch(client).text
    assert "This comment was removed." in page
    assert "Still here." in page
    assert "Soon gone." not in page
    assert "Gone Soon" not in page


def test_a_removed_comment_without_replies_leaves_nothing(client: Client, site):
    remove(site, submit_screened(site, "Soon gone.", url=url()))
    page = fetch(client).text
    assert "This comment was removed." not in page
    assert "Soon gone." not in page


def test_pages_hold_fifty_and_lead_to_each_other(client: Client, site):
    for number in range(101):
        submit(site, f"Remark number {number}!", email=f"r{number}@reader.example", url=url())
    screen_all()

    def numbers(text: str) -> list[int]:
        return [int(n) for n in re.findall(r"Remark number (\d+)!", text)]

    def link(text: str, words: str) -> str:
        (found,) = re.findall(rf'<a href="([^"#]+)#comments" target="_self">{words}', text)
        return str(found)

    newest = fetch(client).text
    assert numbers(newest) == list(range(51, 101))
    assert "Newer comments" not in newest
    middle = fetch(client, link(newest, "← Older")).text
    assert numbers(middle) == list(range(1, 51))
    oldest = fetch(client, link(middle, "← Older")).text
    assert numbers(oldest) == [0]
    assert "Older comments" not in oldest
    assert numbers(fetch(client, link(oldest, "Newer")).text) == list(range(1, 51))


def test_a_website_is_linked_and_trusted_with_nothing(client: Client, site):
    submit_screened(site, website="https://ada.example/", url=url())
    assert 'href="https://ada.example/" rel="nofollow ugc noopener noreferrer"' in fetch(client).text


def test_what_readers_write_is_escaped(client: Client, site):
    submit_screened(site, "<script>alert(1)</script> & more", name='"><img src=x>', url=url())
    page = fetch(client).text
    assert "<script" not in page
    assert "<img" not in page


def test_avatars_are_drawn_here_and_times_can_be_read_exactly(client: Client, site):
    submit_screened(site, name="Ada Reader", url=url())
    page = fetch(client).text
    assert re.search(r'<svg class="avatar hue-\d+".*?>AR</text></svg>', page)
    exactly = r'title="\d+ \w+ \d{4}, \d\d:\d\d UTC"'
    assert re.search(
        rf'<a class="comment-time"[^>]* {exactly}><time datetime="\S+">just now</time></a>', page
    )


def test_no_address_and_no_hash_of_one_is_in_a_page(client: Client, site):
    send(client, author="Wilma Dray", email="canary@hidden.example")
    screen_all()
    comment = Comment.objects.select_related("author").get()
    own = send(client, comment="Second.", email="canary@hidden.example").response["Location"]
    for path in (PATH, "/", own.partition("#")[0]):
        page = fetch(client, path).text
        assert "canary" not in page
        assert "hidden.example" not in page
        assert bytes(comment.author.address_hash).hex() not in page


@pytest.mark.parametrize("count", [2, 30])
def test_queries_do_not_grow_with_the_thread(client: Client, site, count, django_assert_max_num_queries):
    for number in range(count):
        root = submit(site, f"Remark {number}.", email=f"r{number}@reader.example", url=url())
    screen_all()
    reply(site, root, "An answer.")
    with django_assert_max_num_queries(4):
        fetch(client)


def test_the_front_page_lists_the_articles_and_the_most_discussed(
    client: Client, site, django_assert_max_num_queries
):
    submit_screened(site, url=url())
    with django_assert_max_num_queries(2):
        page = fetch(client, "/").text
    assert page.count('<article class="teaser">') == 5
    assert "Most discussed" in page
    assert "1 comment</span>" in page


def test_articles_lead_to_their_neighbours(client: Client):
    first, second = fetch(client).text, fetch(client, "/articles/the-song-that-would-not-leave/").text
    assert "Next article" in first
    assert "Previous article" not in first
    assert "Next article" in second
    assert "Previous article" in second


def test_an_unknown_article_is_not_found(client: Client):
    assert fetch(client, "/articles/nothing-here/").status == 404


def test_without_the_demo_site_there_is_no_newspaper(client: Client, site):
    site.slug = "something-else"
    site.save()
    assert fetch(client, "/").status == 404
    assert fetch(client).status == 404


def test_nothing_in_a_page_needs_a_script_or_an_inline_style(client: Client, site):
    submit_screened(site, url=url())
    sent = fetch(client)
    assert "<script" not in sent.text
    assert " style=" not in sent.text
    assert "<style" not in sent.text
    assert "unsafe" not in sent.response["Content-Security-Policy"]


def permalink_of(text: str, comment: Comment) -> str:
    """The permanent link of a comment, without its fragment."""
    (found,) = re.findall(rf'class="comment-time" href="([^"#]+)#comment-{comment.id}"', text)
    return unescape(found)


def test_a_permanent_link_finds_its_comment_wherever_it_is(client: Client, site):
    first = submit_screened(site, "The very first remark.", email="a@reader.example", url=url())
    answer = reply(site, first, "An early answer.", email="b@reader.example")
    text = fetch(client).text
    links = [permalink_of(text, first), permalink_of(text, answer)]
    assert links[0] == f"{PATH}?comment={first.id}"
    publish_replies(answer, 60)
    for number in range(51):
        submit(site, f"Later remark {number}!", email=f"r{number}@reader.example", url=url())
    screen_all()
    assert "The very first remark." not in fetch(client).text
    for link, comment in zip(links, (first, answer), strict=True):
        page = fetch(client, link)
        assert page.status == 200
        assert page.text.count(f'id="comment-{comment.id}"') == 1
    last = Comment.objects.filter(root=first).latest("id")
    assert f'id="comment-{last.id}"' in fetch(client, f"{PATH}?comment={last.id}").text


def test_a_link_to_a_comment_that_is_gone_shows_the_newest(client: Client, site):
    gone = submit_screened(site, "Soon gone.", url=url())
    submit_screened(site, "Still here.", email="b@reader.example", url=url())
    remove(site, gone)
    page = fetch(client, f"{PATH}?comment={gone.id}")
    assert page.status == 200
    assert "Still here." in page.text
    assert "Soon gone." not in page.text


def order_of(text: str) -> tuple[dict[str, str], list[str], list[int]]:
    """Links to orders, the current one, and the numbers of the remarks as they stand."""
    links = re.findall(r'<a href="([^"#]+)#comments" rel="nofollow" target="_self"([^>]*)>([^<]+)</a>', text)
    found = {label: unescape(link) for link, _, label in links}
    current = [label for _, attributes, label in links if "aria-current" in attributes]
    return found, current, [int(number) for number in re.findall(r"Remark number (\d+)!", text)]


def test_readers_choose_the_order(client: Client, site):
    for number in range(52):
        submit(site, f"Remark number {number}!", email=f"r{number}@reader.example", url=url())
    screen_all()
    links, current, shown = order_of(fetch(client).text)
    assert (current, shown) == ([], list(range(2, 52)))
    newest = fetch(client, links["Newest"]).text
    assert order_of(newest)[1:] == (["Newest"], list(range(51, 1, -1)))
    (older,) = re.findall(r'<a href="([^"#]+)#comments" target="_self">← Older', newest)
    assert newest.index("Remark number 2!") < newest.index("← Older")
    last = fetch(client, unescape(older)).text
    assert order_of(last)[1:] == (["Newest"], [1, 0])
    assert last.index("Newer comments →") < last.index("Remark number 1!")
    oldest = fetch(client, links["Oldest"]).text
    assert order_of(oldest)[1:] == (["Oldest"], list(range(50)))


def test_a_short_thread_is_oldest_first_and_a_very_short_one_has_no_orders(client: Client, site):
    for number in range(2):
        submit_screened(site, f"Remark {number}.", email=f"r{number}@reader.example", url=url())
    assert order_of(fetch(client).text)[0] == {}
    submit_screened(site, "Another one.", email="c@reader.example", url=url())
    assert order_of(fetch(client).text)[1] == ["Oldest"]


def test_the_form_is_one_step_from_the_top(client: Client, site):
    assert ">Leave a comment</a>" not in fetch(client).text  # it is in sight
    submit_screened(site, url=url())
    page = fetch(client).text
    top = page.index('href="#respond">Leave a comment</a>')
    assert page.index('id="comments-title"') < top < page.index('class="comment-list"')
    site.is_open = False
    site.save()
    assert ">Leave a comment</a>" not in fetch(client).text


def test_a_long_text_is_folded_and_all_of_it_is_in_the_page(client: Client, site):
    verses = "\n".join(f"Verse {number} of a long poem." for number in range(40))
    long = submit_screened(site, verses, url=url())
    submit_screened(site, "Short.", email="b@reader.example", url=url())
    page = fetch(client).text
    assert page.count('class="comment-fold"') == 1
    assert f'<input class="fold-switch" type="checkbox" autocomplete="off" id="fold-{long.id}">' in page
    assert f'<label class="fold-label" for="fold-{long.id}">' in page
    assert "Verse 39 of a long poem." in page


def more_links(text: str) -> list[str]:
    found = re.findall(r'<a href="([^"#]+)#comment-[^"]+" target="_self">Show more replies', text)
    return [unescape(link) for link in found]


def test_every_reply_of_a_busy_branch_is_reached_by_links(client: Client, site):
    root = submit_screened(site, "The root.", url=url())
    first = reply(site, root, "I agree.", email="b@reader.example")
    wanted = {f"Reply {n}." for n in range(450)}
    publish_replies(first, 450)
    other = submit_screened(site, "Another remark.", email="c@reader.example", url=url())
    reply(site, other, "A single answer.", email="d@reader.example")
    page = fetch(client).text
    assert "A single answer." in page
    found: set[str] = set()
    following = [PATH]
    while following:
        text = fetch(client, following.pop()).text
        assert "The root." in text
        found |= set(re.findall(r"<bdi>(Reply \d+\.)</bdi></p>", text))
        following = more_links(text)
    assert found == wanted
    assert "All comments" in text
    assert "Show more replies" not in text


def test_an_author_is_led_to_a_published_reply_that_stands_far_back(client: Client, site):
    root = submit_screened(site, "The root.", url=url())
    first = reply(site, root, "I agree.", email="b@reader.example")
    publish_replies(first, 60)
    sent = send(client, comment="My own answer.", comment_parent=str(root.id))
    screen_all()
    own = Comment.objects.latest("created_at", "id")
    page = fetch(client, location_of(sent)).text
    assert "Your comment is published." in page
    assert f'id="comment-{own.id}"' in page


def test_reading_pages_is_counted_before_anything_is_looked_up(
    client: Client, one_read, django_assert_num_queries
):
    assert fetch(client).status == 200
    for path in (PATH, "/"):
        with django_assert_num_queries(0):
            response = fetch(client, path).response
        assert (response.status_code, response["Cache-Control"]) == (429, "no-store")
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
