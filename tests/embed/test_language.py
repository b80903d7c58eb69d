"""The language of readers' pages: named by the page that shows the thread, in every link and copy."""

import re
import time
from typing import Any, cast
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import translation

from moderation.embed.fast import answer_page
from moderation.embed.language import LANGUAGES, read_language
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import create_key
from moderation.models.key import KeyKind
from moderation.queries.page_freshness import FastPages
from moderation.queries.page_memory import MOST_FIRST_PAGES, PageKey, PageMemory, pages
from tests.builders import build_site, submit_screened
from tests.embed.forms import PATH, build_demo_site, fetch, send, url
from tests.embed.test_memory import make

PAGE = "https://news.example/first"
RIGHT_TO_LEFT = {"ar", "he"}


@pytest.fixture
def frame() -> str:
    site = build_site()
    submit_screened(site, url=PAGE)
    key = create_key(site.id, KeyKind.PUBLIC, actor=SYSTEM)
    return f"/embed/{key.plain}/thread?url={PAGE}"


@pytest.mark.parametrize(
    ("given", "language"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("de-AT", "de"),
        ("pt_BR", "pt"),
        ("pt-PT", "pt"),
        ("zh", "zh-hans"),
        ("zh-CN", "zh-hans"),
        ("zh-Hans-SG", "zh-hans"),
        ("zh-TW", "en"),
        ("zh-Hant-HK", "en"),
        ("iw-IL", "he"),
        (" fr ", "fr"),
        ("deutsch", "en"),
        ("xx", "en"),
        ("-", "en"),
        ("../de", "en"),
        ("de" * 500, "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_codes_are_read_as_people_write_them(given, language):
    assert read_language(given) == language


def test_every_language_is_read_by_its_own_code():
    assert [read_language(code) for code in LANGUAGES] == list(LANGUAGES)


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_frame_says_its_language_and_its_direction(client: Client, frame, language):
    answer = fetch(client, f"{frame}&lang={language}")
    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    assert f'<html lang="{language}" dir="{direction}"' in answer.text
    assert answer.response["Content-Language"] == language
    assert translation.get_language() == "en"


@pytest.mark.django_db
def test_links_and_the_form_stay_in_the_language(client: Client, frame):
    for given, named in (("de-AT", True), ("de", True), ("en", False), ("xx", False)):
        text = fetch(client, f"{frame}&lang={given}").text
        links = re.findall(r'(?:href|action)="(/embed/[^"]*)"', text)
        assert len(links) > 1, given
        assert all(("&amp;lang=de" in link) is named for link in links), links


@pytest.mark.django_db
def test_the_demos_thread_is_in_the_language_and_its_article_in_english(client: Client):
    build_demo_site()
    sent = send(client, page=f"{PATH}?lang=he", to=f"{PATH}comments/?lang=he")
    assert sent.status == 303
    assert "lang=he" in sent.response["Location"]
    text = fetch(client, f"{PATH}?lang=he").text
    assert '<html lang="en" dir="ltr"' in text
    assert '<div lang="he" dir="rtl">' in text


@pytest.mark.django_db
def test_each_language_has_a_copy_of_its_own_in_memory(client: Client):
    pages.clear()
    submit_screened(build_demo_site(), url=url())
    fast = FastPages(pages)
    fast.note({}, began=time.monotonic(), ended=time.monotonic())
    fetch(client, f"{PATH}?lang=de")
    fetch(client)
    for query, language in (("lang=de", "de"), ("lang=de_AT", "de"), ("", "en"), ("lang=xx", "en")):
        answer = answer_page(fast, PATH, query, cast("Any", {}))
        assert answer is not None, query
        assert dict(answer.headers)["Content-Language"] == language
    assert answer_page(fast, PATH, "lang=fr", cast("Any", {})) is None


def test_a_thread_read_in_all_languages_leaves_room_for_others():
    memory = PageMemory()
    others = [PageKey(f"/{number}/") for number in range(3)]
    for other in others:
        memory.keep(other, make(thread_id=uuid4()))
    for language in LANGUAGES:
        memory.keep(PageKey("/one/", language=language), make())
    assert len(memory) == MOST_FIRST_PAGES + len(others)
    assert all(memory.find(other) for other in others)
    assert memory.find(PageKey("/one/", language=language)) is not None
