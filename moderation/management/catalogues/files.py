"""The catalogue of each language: `django.po` for people, and `django.mo`, which is compiled from it.

Both are in git, so that a fresh clone needs no tool to show a page in any language.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation import to_locale

from moderation.management.catalogues.message import MarkedMessage

LOCALE: Path = settings.BASE_DIR / "moderation" / "locale"
# Rules for whole numbers, by CLDR, which has another form for "a million of …" in French, Spanish and
# Portuguese: no count here is written in words.
_TWO = "nplurals=2; plural=(n != 1);"
_ZERO_IS_ONE = "nplurals=2; plural=(n > 1);"
_NONE = "nplurals=1; plural=0;"
PLURAL_FORMS = {
    "de": _TWO,
    "fr": _ZERO_IS_ONE,
    "es": _TWO,
    "ar": (
        "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : "
        "n%100>=11 && n%100<=99 ? 4 : 5);"
    ),
    "he": "nplurals=3; plural=(n==1 ? 0 : n==2 ? 1 : 2);",
    "ru": (
        "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : "
        "n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);"
    ),
    "zh-hans": _NONE,
    "ja": _NONE,
    "pt": _ZERO_IS_ONE,
}


class PlainCatalog(Catalog):
    """A catalogue whose header says only what Django needs: no dates, no names, no version of a tool."""

    def __init__(self, language: str) -> None:
        super().__init__(locale=to_locale(language), fuzzy=False)
        self.language = language
        self._set_mime_headers([("Plural-Forms", PLURAL_FORMS[language])])

    def _get_mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Content-Type", "text/plain; charset=UTF-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Language", to_locale(self.language)),
            ("Plural-Forms", PLURAL_FORMS[self.language]),
        ]

    mime_headers = property(_get_mime_headers)

    def list_untranslated(self) -> list[str]:
        """The messages without a translation that somebody has looked at."""
        return [message_text(each) for each in self if each.id and (each.fuzzy or not is_complete(each))]


def message_text(message: Message) -> str:
    """The message in English; of a counted one the first form."""
    return message.id if isinstance(message.id, str) else message.id[0]


def is_complete(message: Message) -> bool:
    """Whether no form of the message is empty."""
    string = message.string
    return bool(string) if isinstance(string, str) else all(string or ("",))


@dataclass(frozen=True, slots=True)
class LanguageFiles:
    """The two files of one language."""

    language: str

    @property
    def po(self) -> Path:
        """What people translate."""
        return LOCALE / to_locale(self.language) / "LC_MESSAGES" / "django.po"

    @property
    def mo(self) -> Path:
        """What Django reads."""
        return self.po.with_suffix(".mo")

    def read(self) -> Catalog:
        """The catalogue as it is in git; an empty one for a new language. Raises `PoFileError`."""
        if not self.po.is_file():
            return PlainCatalog(self.language)
        with self.po.open("rb") as file:
            return read_po(file, locale=to_locale(self.language), abort_invalid=True)

    def hold(self, catalog: PlainCatalog) -> bool:
        """Whether both files are what `catalog` gives."""
        pairs = ((self.po, write_text(catalog)), (self.mo, compile_catalog(catalog)))
        return all(path.is_file() and path.read_bytes() == content for path, content in pairs)

    def write(self, catalog: PlainCatalog) -> None:
        """Store both files."""
        self.po.parent.mkdir(parents=True, exist_ok=True)
        self.po.write_bytes(write_text(catalog))
        self.mo.write_bytes(compile_catalog(catalog))


def all_files() -> list[LanguageFiles]:
    """The files of all languages but English, whose messages are in the code."""
    return [LanguageFiles(language) for language, _ in settings.LANGUAGES if language != "en"]


def merge_messages(former: Catalog, marked: Iterable[MarkedMessage], language: str) -> PlainCatalog:
    """The translations of `former` for exactly the marked messages: new ones are empty, stale ones go."""
    merged = PlainCatalog(language)
    for each in marked:
        _add(merged, former, each)
    for message in merged:
        message.locations = sorted(set(message.locations))
    return merged


def _add(merged: PlainCatalog, former: Catalog, each: MarkedMessage) -> None:
    context = each.context or None
    message_id = (each.text, each.plural) if each.plural else each.text
    known = former.get(each.text, context)
    empty = ("",) * merged.num_plurals if each.plural else ""
    places: list[Any] = [(each.place, None)]
    message = merged.add(message_id, empty, places, context=context)
    if known is not None and known.id == message_id:
        message.string, message.user_comments = known.string, known.user_comments
        message.flags |= known.flags & {"fuzzy"}


def write_text(catalog: PlainCatalog) -> bytes:
    """The text of `django.po`, sorted, so that the same messages always give the same file."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=100, omit_header=True, sort_output=True, include_lineno=False)
    lines = "".join(f'"{name}: {value}\\n"\n' for name, value in catalog.mime_headers)
    return f'msgid ""\nmsgstr ""\n{lines}\n'.encode() + buffer.getvalue()


def compile_catalog(catalog: PlainCatalog) -> bytes:
    """The content of `django.mo`: what is translated, and not only guessed."""
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()
