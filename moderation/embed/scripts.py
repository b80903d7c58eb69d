"""The web component's modules, ready to be sent: joined, without comments, compressed once in each process.

`embed.js` and what it imports are one file for readers, so that a thread needs two requests. The modules that
it loads on demand are files of their own. As they stand in `static/embed/` they are plain modules, too.
"""

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from moderation.embed.sharing import to_response
from moderation.lib.answer import Answer, RequestHeaders
from moderation.lib.compact import compact_script
from moderation.lib.compression import BROTLI, GZIP, PLAIN, choose_encoding, compress_hard
from moderation.queries.page_freshness import is_proven_secure
from moderation.queries.page_memory import build_etag

FOLDER = Path(__file__).resolve().parent.parent / "static" / "embed"
MAIN = "embed.js"
# Short, as the address never changes: a new release reaches every reader within minutes.
CACHE_CONTROL = "public, max-age=300, stale-while-revalidate=3600"
HEADERS = {
    "Content-Type": "text/javascript; charset=utf-8",
    "Cache-Control": CACHE_CONTROL,
    "Vary": "Accept-Encoding",
    "Access-Control-Allow-Origin": "*",  # modules are always requested by CORS
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
_PATH = re.compile(r"/(embed(?:-[a-z]+)?\.js)")
_IMPORT = re.compile(r"^import \{[^}]*\} from '\./(embed-[a-z]+\.js)';\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Script:
    """One module as readers get it, by encoding."""

    bodies: Mapping[str, bytes]
    etag: str

    def answer(self, accept_encoding: str, if_none_match: str) -> Answer:
        """The module in the encoding that this client prefers, or 304."""
        headers = [*HEADERS.items(), ("ETag", self.etag)]
        if self.etag.removeprefix("W/") in if_none_match:
            return Answer(304, [each for each in headers if each[0] != "Content-Type"], b"")
        encoding = choose_encoding(accept_encoding)
        if encoding != PLAIN:
            headers.append(("Content-Encoding", encoding))
        body = self.bodies[encoding]
        return Answer(200, [*headers, ("Content-Length", str(len(body)))], body)


@require_safe
def embed_script(request: HttpRequest, name: str) -> HttpResponse:
    """A module of the component. Raises `Http404`."""
    script = find_script(name)
    if script is None:
        raise Http404("There is no such script.")
    given = request.headers
    return to_response(script.answer(given.get("Accept-Encoding", ""), given.get("If-None-Match", "")))


def answer_fast(method: str, path: str, query: str, headers: RequestHeaders) -> Answer | None:
    """A module before Django is called: an entry of the setting FAST_ANSWERS."""
    found = _PATH.fullmatch(path) if method == "GET" else None
    script = find_script(found[1]) if found else None
    if script is None or is_proven_secure(headers) is None:
        return None
    return script.answer(headers.get("accept-encoding") or "", headers.get("if-none-match") or "")


@cache
def find_script(name: str) -> Script | None:
    """The module of this file name, if it is one that pages or `embed.js` may load."""
    if name not in script_names():
        return None
    source = compact_script(join(name)).encode()
    zipped = gzip.compress(source, compresslevel=9, mtime=0)
    return Script({PLAIN: source, GZIP: zipped, BROTLI: compress_hard(source)}, build_etag(source))


@cache
def script_names() -> frozenset[str]:
    """The files that are served: all but those that are part of `embed.js`."""
    parts = set(_IMPORT.findall(_read(MAIN)))
    names = (path.name for path in FOLDER.glob("embed*.js"))
    return frozenset(name for name in names if _PATH.fullmatch(f"/{name}")) - parts


def join(name: str) -> str:
    """A module with those that it imports by name in front of it; `embed.js` itself stays an import."""
    seen: set[str] = set()

    def insert(found: re.Match[str]) -> str:
        if found[1] in seen:
            return ""
        seen.add(found[1])
        return re.sub(r"^export ", "", _IMPORT.sub(insert, _read(found[1])), flags=re.MULTILINE)

    return _IMPORT.sub(insert, _read(name))


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
