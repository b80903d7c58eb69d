"""The languages of readers' pages: named by the page that shows the thread, never guessed."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

DEFAULT = "en"
LANGUAGES = dict(settings.LANGUAGES)  # Django's codes, each with the language's own name
# Other codes. Chinese in traditional characters is not among the languages: its readers get English.
_ALIASES = {"iw": "he", "zh": "zh-hans"} | dict.fromkeys(("zh-hant", "zh-tw", "zh-hk", "zh-mo"), DEFAULT)
_LONGEST_CODE = 35  # RFC 5646, section 4.4.1


def read_language(given: str | None) -> str:
    """The language of `LANGUAGES` that a code such as `de`, `de-AT` or `pt_BR` means; English for others."""
    return _find_language(given) if given and len(given) <= _LONGEST_CODE else DEFAULT


@lru_cache(maxsize=1024)
def _find_language(given: str) -> str:
    parts = given.strip().lower().replace("_", "-").split("-")
    for length in range(len(parts), 0, -1):
        code = "-".join(parts[:length])
        code = _ALIASES.get(code, code)
        if code in LANGUAGES:
            return code
    return DEFAULT


def name_language(request: HttpRequest) -> str:
    """The language that a URL has to name so that the next page is in it, too; "" for English."""
    language = read_language(request.GET.get("lang"))
    return "" if language == DEFAULT else language


def in_language(view: View[P]) -> View[P]:
    """Answer in the language that `?lang=` names, and say so in `Content-Language`."""

    @wraps(view)
    def answered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        language = read_language(request.GET.get("lang"))
        with translation.override(language):
            response = view(request, *args, **kwargs)
        if response.status_code not in {303, 304}:
            response.headers.setdefault("Content-Language", language)
        return response

    return answered
