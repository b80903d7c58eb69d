"""Refusals before any view is called: a problem document for programs, a page for people.

A refusal cannot repeat what a reader typed, because the body was never read: the page says how to get back to
it.
"""

import html
from http import HTTPStatus
from typing import NamedTuple

from config.web.answer_headers import STRICT_HEADERS
from moderation.compat.shapes import shape_refusal
from moderation.lib.answer import Answer

_JSON = "application/problem+json"
_HTML = "text/html; charset=utf-8"
# Frames are not forbidden: a form may be sent from a frame, and its answer must be visible there.
_PAGE_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'"
_PROBLEM_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{heading}</title>
<link rel="stylesheet" href="/static/embed/comments.css">
</head>
<body class="frame">
<main class="comments">
<h1 class="comments-heading">{heading}</h1>
<p class="comments-notice" role="alert">{advice}</p>
</main>
</body>
</html>
"""


class Refusal(NamedTuple):
    """One kind of refusal. `heading` and `advice` are for people in a browser."""

    status: int
    code: str
    detail: str
    heading: str
    advice: str
    headers: tuple[tuple[str, str], ...] = ()

    def answer(self, path: str, accept: str) -> Answer:
        """The refusal in a form that the client can read."""
        if shaped := shape_refusal(path, status=self.status, code=self.code, detail=self.detail):
            answer = self._build(shaped.content_type, _PROBLEM_POLICY, shaped.body)
            answer.headers.extend(shaped.headers)
            return answer
        if wants_page(path, accept):
            page = _PAGE.format(heading=html.escape(self.heading), advice=html.escape(self.advice))
            return self._build(_HTML, _PAGE_POLICY, page)
        problem = (
            f'{{"type":"about:blank","title":"{HTTPStatus(self.status).phrase}","status":{self.status},'
            f'"code":"{self.code}","detail":"{self.detail}"}}'
        )
        return self._build(_JSON, _PROBLEM_POLICY, problem)

    def _build(self, kind: str, policy: str, body: str) -> Answer:
        strict = {name.lower(): value for name, value in STRICT_HEADERS.items()}
        headers = strict | {
            "content-type": kind,
            "content-security-policy": policy,
            "cache-control": "no-store",
            "vary": "Accept",
        }
        return Answer(self.status, [*headers.items(), *self.headers], body.encode())


def wants_page(path: str, accept: str) -> bool:
    """Whether a person in a browser waits for the answer. The API always answers in JSON."""
    return not path.startswith("/api/") and "text/html" in accept


_NOT_POSTED = "Not posted yet"
_GO_BACK = "Use your browser's Back button: what you typed is still there."
_CLOSE = (("connection", "close"),)  # the rest of the body is not read

TOO_LARGE = Refusal(
    413,
    "too_large",
    "Send at most 128 kB.",
    _NOT_POSTED,
    f"This is more than can be taken at once. {_GO_BACK} A comment may have 10,000 characters; please "
    "make it shorter and post it again.",
    _CLOSE,
)
TOO_SLOW = Refusal(
    408,
    "too_slow",
    "The request took too long to arrive.",
    _NOT_POSTED,
    f"It took too long to arrive; the connection may be weak. {_GO_BACK} Please post it again.",
    _CLOSE,
)
BUSY = Refusal(
    503,
    "busy",
    "Too many requests at once. Please try again in a moment.",
    "Too busy right now",
    f"Too many people are here at once. If you were posting something, it is not posted yet. {_GO_BACK} "
    "Please try again in a moment.",
    (("retry-after", "1"),),
)
FAILED = Refusal(
    500,
    "error",
    "Something went wrong here. It has been noted.",
    "Something went wrong here",
    f"It has been noted. If you were posting something, it may not be posted. {_GO_BACK}",
)
UNREADABLE = Refusal(
    400,
    "bad_request",
    "The request cannot be read.",
    "This cannot be read",
    f"The request is not one that this service understands. If you were posting something, it is not "
    f"posted yet. {_GO_BACK}",
)
MISSING = Refusal(
    404,
    "not_found",
    "There is nothing here.",
    "There is nothing here",
    f"There is no page at this address. If you were posting something, it is not posted. {_GO_BACK}",
)
