"""Every word that readers see is marked, and translated into every language."""

import re
from collections.abc import Iterator
from gettext import c2py

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import translation
from django.utils.translation import ngettext, to_locale

from moderation.embed.component_texts import SAMPLES
from moderation.embed.language import LANGUAGES
from moderation.management.catalogues import files as catalogue_files
from moderation.management.catalogues.collecting import collect_messages, template_paths
from moderation.management.catalogues.files import (
    PLURAL_FORMS,
    LanguageFiles,
    all_files,
    compile_catalog,
    is_complete,
    merge_messages,
    message_text,
    write_text,
)
from moderation.management.catalogues.message import MarkedMessage
from moderation.management.catalogues.python_messages import read_python
from moderation.management.catalogues.template_messages import read_template
from tests.embed.unmarked import unmarked_in_python, unmarked_in_template

# The demo newspaper is in English; only the thread below its articles follows the language.
NEWSPAPER = {"newspaper.html", "front.html", "article.html"}
# What it holds stands within a tag.
ATTRIBUTES = {"input_state.html"}
# Their words are for programs: the component says in its own what their codes mean.
FOR_PROGRAMS = {"preview_text.py", "thread_counts.py"}
EMBED = settings.BASE_DIR / "moderation" / "embed"
MODULES = [
    *sorted(path for path in EMBED.glob("*.py") if path.name not in FOR_PROGRAMS),
    settings.BASE_DIR / "moderation" / "domain" / "fields.py",
]
OTHERS = [language for language in LANGUAGES if language != "en"]
_PLACES = re.compile(r"%\((\w+)\)s|(%(?!%))|(<[^>]+>)")


def messages_of(language: str) -> Iterator[Message]:
    """The messages of a language's catalogue, without its header."""
    return (message for message in LanguageFiles(language).read() if message.id)


@pytest.mark.parametrize("path", template_paths(), ids=lambda path: path.name)
def test_no_template_has_an_unmarked_word(path):
    source = path.read_text(encoding="utf-8")
    if path.name in ATTRIBUTES:
        source = f"<input{source}>"
    if path.name not in NEWSPAPER:
        assert unmarked_in_template(source) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_no_module_has_an_unmarked_sentence(path):
    assert unmarked_in_python(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Reply</p>", ["Reply"]),
        ("{% if a %}<p>{{ a }} replies{% endif %}</p>", ["replies"]),
        ('<a title="Go there" href="/plain/words">{{ a }}</a>', ["Go there"]),
        ('<meta name="description" content="Some words">', ["Some words"]),
        ("{{ a|pluralize }}", ["pluralize writes English"]),
        ('{% load i18n %}<p class="a b">{% translate "Reply" %} · {{ a }}</p>', []),
    ],
)
def test_unmarked_words_in_templates_are_found(source, found):
    assert [text.strip("\N{OBJECT REPLACEMENT CHARACTER} ") for text in unmarked_in_template(source)] == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('"""What it does."""\nsay("Try it again.")', ["Try it again."]),
        ('say(f"{number} of these comments")', [" of these comments"]),
        ('say("just now")', ["just now"]),
        ('say(gettext("Try it again."), mark("just now"))', []),
        ('raise Http404("There is no such page.")', []),
    ],
)
def test_unmarked_sentences_in_modules_are_found(source, found):
    assert unmarked_in_python(source) == found


@pytest.mark.parametrize("files", all_files(), ids=lambda files: files.language)
def test_every_catalogue_holds_exactly_the_marked_messages(files):
    former = files.read()
    merged = merge_messages(former, collect_messages(), files.language)
    assert {message_text(message) for message in former} == {message_text(message) for message in merged}
    assert files.po.read_bytes() == write_text(merged), "run `manage.py translations`"
    assert files.mo.read_bytes() == compile_catalog(merged), "run `manage.py translations`"


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_is_translated(language):
    assert [message_text(each) for each in messages_of(language) if each.fuzzy or not is_complete(each)] == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_translation_has_the_places_of_its_message(language):
    for message in messages_of(language):
        if isinstance(message.id, str):
            assert places_in(str(message.string)) == places_in(message.id), message.id
            continue
        for number, string in zip(numbers_of_forms(language), message.string or (), strict=True):
            missing = set(places_in(message.id[1])) - set(places_in(string))
            assert set(places_in(string)) <= set(places_in(message.id[1])), string
            assert not missing or (missing == {"count"} and number is not None), string


def places_in(text: str) -> list[str]:
    """The placeholders and tags of a message, in no order."""
    return sorted(next(filter(None, found)) for found in _PLACES.findall(text))


def numbers_of_forms(language: str) -> list[int | None]:
    """For each plural form the only number that it is used for, if there is only one."""
    used: dict[int, list[int]] = {}
    for number in range(1_200):
        used.setdefault(form_of(language, number), []).append(number)
    return [used[form][0] if len(used[form]) == 1 else None for form in sorted(used)]


def form_of(language: str, number: int) -> int:
    """The plural form that the catalogue's rule chooses."""
    rule = PLURAL_FORMS[language].partition("plural=")[2].rstrip(";")
    return int(c2py(rule)(number))


@pytest.mark.parametrize("language", OTHERS)
def test_plural_rules_are_those_of_cldr(language):
    category_of = Locale.parse(to_locale(language)).plural_form
    forms: dict[str, set[int]] = {}
    for number in range(1_200):
        forms.setdefault(category_of(number), set()).add(form_of(language, number))
    assert all(len(form) == 1 for form in forms.values())
    assert len(forms) == int(PLURAL_FORMS[language].partition("nplurals=")[2][0])
    assert {category_of(number) for name, number in SAMPLES[language].items() if name != "other"} == {
        name for name in SAMPLES[language] if name != "other"
    }


@pytest.mark.parametrize(
    ("language", "numbers", "told"),
    [
        ("en", (1, 2), ["1 comment", "2 comments"]),
        ("ru", (1, 3, 5, 11, 21, 102), ["комментарий", "комментария", "комментариев"] * 2),
        ("ja", (1, 2), ["コメント1件", "コメント2件"]),
        ("fr", (0, 1, 2), ["0 commentaire", "1 commentaire", "2 commentaires"]),
    ],
)
def test_django_counts_by_these_rules(language, numbers, told):
    with translation.override(language):
        counted = [ngettext("%(count)s comment", "%(count)s comments", n) % {"count": n} for n in numbers]
    if language == "ru":
        told = [told[0], told[1], told[2], told[2], told[0], told[1]]
        counted = [text.partition(" ")[2] for text in counted]
    assert counted == told


def test_messages_are_read_from_modules():
    source = 'ngettext("a %(n)s", "b %(n)s", n)\npgettext("c", "d")\nf(mark("e" "f"))\ngettext(self.message)'
    assert list(read_python(source, "x.py")) == [
        MarkedMessage("a %(n)s", "b %(n)s", "", "x.py"),
        MarkedMessage("d", "", "c", "x.py"),
        MarkedMessage("ef", "", "", "x.py"),
    ]
    for wrong in ('gettext(f"{a}")', "mark(a)", 'ngettext("a", b, n)'):
        with pytest.raises(ValueError, match="literal"):
            list(read_python(wrong, "x.py"))


def test_messages_are_read_from_templates():
    source = (
        '{% load i18n %}{% translate "100%" %}{% if a %}{% translate "b" context "c" %}{% endif %}'
        "{% blocktranslate trimmed count n=a %}\n one {{ b }}\n"
        "{% plural %} many {{ b }} {% endblocktranslate %}"
    )
    assert list(read_template(source, "x.html")) == [
        MarkedMessage("100%%", "", "", "x.html"),
        MarkedMessage("b", "", "c", "x.html"),
        MarkedMessage("one %(b)s", "many %(b)s", "", "x.html"),
    ]
    with pytest.raises(ValueError, match="literal"):
        list(read_template("{% load i18n %}{% translate a %}", "x.html"))


def test_a_merge_keeps_translations_and_drops_what_nobody_marks():
    former = Catalog(locale="de")
    former.add("kept", "behalten")
    former.add("stale", "alt")
    former.add(("one", "many"), ("eins", "viele"))
    marked = [MarkedMessage("kept", place="a.py"), MarkedMessage("new"), MarkedMessage("one", "others")]
    merged = {message.id: message.string for message in merge_messages(former, marked, "de") if message.id}
    assert merged == {"kept": "behalten", "new": "", ("one", "others"): ("", "")}


def test_the_command_writes_what_is_missing_and_checks_without_writing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(catalogue_files, "LOCALE", tmp_path)
    with pytest.raises(CommandError, match="Not up to date: de, fr"):
        call_command("translations", "--check")
    assert not list(tmp_path.iterdir())
    call_command("translations")
    call_command("translations", "--check")
    assert {path.name for path in tmp_path.iterdir()} == {to_locale(language) for language in OTHERS}
    assert "Leave a Reply" in capsys.readouterr().out
