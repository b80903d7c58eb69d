"""The web component says in English what the catalogues hold, and is sent its texts in other languages."""

import ast
import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client

from moderation.embed.component_texts import component_texts
from moderation.embed.language import LANGUAGES
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import create_key
from moderation.models.key import KeyKind
from moderation.queries.page_memory import pages
from tests.builders import build_site, submit_screened

MODULES = settings.BASE_DIR / "moderation" / "static" / "embed"
PAGE = "https://news.example/first"
_MESSAGES = re.compile(r"MESSAGES(?: = |, )\{\n(.*?)\n\}", re.DOTALL)
_MESSAGE = re.compile(r"""^ {2}(\w+): ('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\{.*\}),$""", re.MULTILINE)
_FORM = re.compile(r"""(\w+): ('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
_PLACE = re.compile(r"\{(\w+)\}")


def english_messages() -> dict[str, str | dict[str, str]]:
    """The messages of the component's modules."""
    found: dict[str, str | dict[str, str]] = {}
    for path in sorted(MODULES.glob("embed*.js")):
        for block in _MESSAGES.findall(path.read_text(encoding="utf-8")):
            read = dict(_read_messages(block))
            assert len(read) == sum(line.startswith("  ") for line in block.splitlines()), path.name
            found |= read
    return found


def _read_messages(block: str) -> Iterator[tuple[str, str | dict[str, str]]]:
    for name, text in _MESSAGE.findall(block):
        if text.startswith("{"):
            yield name, {form: ast.literal_eval(each) for form, each in _FORM.findall(text)}
        else:
            yield name, ast.literal_eval(text)


def test_the_component_has_the_same_messages_in_english():
    ours = component_texts("en")
    theirs = english_messages()
    assert set(theirs) == set(ours)
    for name, text in theirs.items():
        told = ours[name]
        counted = told if isinstance(told, dict) else {}
        assert text == (counted["other"] if counted and isinstance(text, str) else told), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_fills_in_the_same_places(language):
    for name, text in component_texts(language).items():
        english = component_texts("en")[name]
        forms = list(text.values()) if isinstance(text, dict) else [str(text)]
        places = places_in(english["other"] if isinstance(english, dict) else str(english))
        assert places_in(forms[-1]) == places, name
        assert all(set(places_in(form)) <= set(places) and "%" not in form for form in forms), name


def places_in(text: str) -> list[str]:
    return sorted(_PLACE.findall(text))


def test_counted_texts_have_the_categories_that_browsers_choose_from():
    assert component_texts("ar")["count"] == {
        "zero": "لا تعليقات",
        "one": "تعليق واحد",
        "two": "تعليقان",
        "few": "{n} تعليقات",
        "many": "{n} تعليقًا",
        "other": "{n} تعليق",
    }
    assert component_texts("ja")["count"] == {"other": "コメント{n}件"}


@pytest.mark.django_db
def test_an_answer_brings_the_texts_of_its_language_unless_it_is_english(client: Client):
    pages.clear()
    site = build_site()
    key = create_key(site.id, KeyKind.PUBLIC, actor=SYSTEM)
    address = f"/embed/{key.plain}/thread.json?url={PAGE}"
    assert client.get(f"{address}&lang=fr").json()["texts"]["reply"] == "Répondre"  # no comment yet
    submit_screened(site, url=PAGE)
    assert "texts" not in client.get(address).json()
    assert client.get(f"{address}&lang=de-CH").json()["texts"]["reply"] == "Antworten"
    assert client.get(f"{address}&lang=pt").json()["texts"]["reply"] == "Responder"
    assert "texts" not in client.get(f"{address}&lang=xx").json()
    assert len(pages) == 3
