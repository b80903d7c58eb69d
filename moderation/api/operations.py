"""What the operations on threads take and return."""

from moderation.api.openapi import (
    AFTER,
    LIMIT,
    PAGE_CODES,
    PUBLIC_KEY,
    SECRET_KEY,
    Operation,
    in_header,
    in_path,
    in_query,
)
from moderation.api.shapes import ThreadShape
from moderation.api.structs import Count, Shape

_ROOT = in_query(
    "root", "Only replies to this top-level comment: used to read on after `more_replies`.", format="uuid"
)
_URL = in_query("url", "The page's URL.", maxLength=2000)
_KEY = in_query("key", "The site's own key of the page, instead of `url`.", maxLength=500)
_SITE = in_path("public_key", "The site's public key, `cm_pk_…`.")
_KNOWN_COPY = in_header("If-None-Match", "The `ETag` of the copy you have.")


class FormTokenShape(Shape):
    """A token for one form."""

    form_token: str
    expires_in_s: Count


read_thread_by_name = Operation(
    name="readThreadByName",
    summary="Read a page's thread",
    text="The published comments of the page that `url` or `key` names. Any key of the site will do.",
    security=[PUBLIC_KEY, SECRET_KEY],
    parameters=[_URL, _KEY, _ROOT, AFTER, LIMIT, _KNOWN_COPY],
    answers={200: ("One page of the thread.", ThreadShape), 304: ("Your copy is up to date.",)},
    links={"readThread": {"thread_id": "$response.body#/id"}},
    problems={400: PAGE_CODES, 401: (), 404: (), 429: ("rate_limited",)},
    tag="Threads",
)

read_thread = Operation(
    name="readThread",
    summary="Read a thread by its id",
    text="The published comments of a thread. Any key of the site will do.",
    security=[PUBLIC_KEY, SECRET_KEY],
    parameters=[in_path("thread_id", "The thread.", format="uuid"), _ROOT, AFTER, LIMIT, _KNOWN_COPY],
    answers={200: ("One page of the thread.", ThreadShape), 304: ("Your copy is up to date.",)},
    links={"readThread": {"thread_id": "$response.body#/id", "after": "$response.body#/next_after"}},
    problems={400: PAGE_CODES, 401: (), 404: (), 429: ("rate_limited",)},
    tag="Threads",
)

read_public_thread = Operation(
    name="readPublicThread",
    summary="Read a page's thread from the page",
    text=(
        "The same for scripts in pages: a simple GET without headers, so no preflight is needed; any "
        "origin may read the answer. A page of the site without comments is an empty thread."
    ),
    security=[],
    parameters=[_SITE, _URL, _KEY, _ROOT, AFTER, LIMIT, _KNOWN_COPY],
    answers={200: ("One page of the thread.", ThreadShape), 304: ("Your copy is up to date.",)},
    links={
        "readPublicThread": {"public_key": "$request.path.public_key", "after": "$response.body#/next_after"}
    },
    problems={400: PAGE_CODES, 404: (), 429: ("rate_limited",)},
    tag="Threads",
)

read_form_token = Operation(
    name="readFormToken",
    summary="Get a form's token",
    text=(
        "A script that shows its own form fetches this token when the form appears and sends it as "
        "`form_token`: a comment sent less than 3 s later is considered automated."
    ),
    security=[],
    parameters=[
        _SITE,
        in_query(
            "thread",
            "The `thread.key` that you will send, or the `thread.url` if you send no key.",
            required=True,
            maxLength=2000,
        ),
    ],
    answers={200: ("A token for one form.", FormTokenShape)},
    problems={400: PAGE_CODES, 404: (), 429: ("rate_limited",)},
    tag="Threads",
)
