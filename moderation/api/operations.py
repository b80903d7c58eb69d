"""What each operation takes and answers, in words: the OpenAPI description, beside the views' code."""

from moderation.api.openapi import (
    OF_BODY,
    OF_QUERY,
    PUBLIC_KEY,
    SECRET_KEY,
    TOKEN,
    Operation,
    in_header,
    in_path,
    in_query,
    json_body,
)
from moderation.domain.status import Status

_AFTER = in_query("after", "The `next_after` of the page before.", format="uuid")
_LIMIT = in_query("limit", "How many to give.", type="integer", minimum=1, maximum=100, default=50)
_ROOT = in_query(
    "root", "Only replies under this top comment: how to read on in `more_replies`.", format="uuid"
)
_URL = in_query("url", "The page's address.", maxLength=2000)
_KEY = in_query("key", "The site's own key of the page, instead of `url`.", maxLength=500)
_SITE = in_path("public_key", "The site's public key, `cm_pk_…`.")
_COMMENT_ID = in_path("comment_id", "The comment.", format="uuid")
_KNOWN_COPY = in_header("If-None-Match", "The `ETag` of the copy you have.")
_PAGE_CODES = (*OF_QUERY, "invalid_parameter")
_NO_QUERY = ("unknown_parameter", "repeated_parameter", "bad_query")
_BODY_PROBLEMS = {401: (), 413: (), 415: ()}

submit_comment = Operation(
    name="submitComment",
    summary="Submit a comment",
    text=(
        "Stores the comment with its address sealed, and answers when that is certain. It is screened "
        "in a moment; `status_url` tells what became of it. With an `Idempotency-Key` a call can be "
        "repeated safely: the same key and body give the same comment. A script in a page sends its "
        "`Origin`, which has to be one of the site's hosts; a public key opens threads only for URLs "
        "on them."
    ),
    security=[PUBLIC_KEY, SECRET_KEY],
    parameters=[
        in_header(
            "Idempotency-Key", "Any text of your own for this comment.", maxLength=255, pattern="^[ -~]+$"
        )
    ],
    body=json_body(
        "Submission",
        {
            "thread": {"url": "https://news.example/2026/harbour", "title": "The harbour reopens"},
            "name": "Ada",
            "email": "ada@reader.example",
            "body": "I was there this morning, and it looks splendid.",
        },
    ),
    answers={202: ("Stored; it will be screened.", "Accepted")},
    links={name: {"comment_id": "$response.body#/id"} for name in ("readComment", "decide")},
    problems={
        **_BODY_PROBLEMS,
        400: (*OF_BODY, "invalid_idempotency_key", *_NO_QUERY),
        403: ("missing_scope", "thread_closed", "thread_not_allowed", "origin_not_allowed"),
        409: ("duplicate",),
        422: (),
        429: ("flood", "rate_limited"),
    },
)

list_comments = Operation(
    name="listComments",
    summary="List comments",
    text=(
        "A site's comments, oldest first, each with its latest screening. `status=held` gives what "
        "waits for a person. Needs the scope `read` or `decide`."
    ),
    security=[SECRET_KEY],
    parameters=[
        in_query("status", "Only those that stand there.", enum=[status.value for status in Status]),
        _AFTER,
        _LIMIT,
    ],
    answers={200: ("One page.", "CommentPage")},
    links={
        "listComments": {"after": "$response.body#/next_after"},
        "readComment": {"comment_id": "$response.body#/comments/0/id"},
        "decide": {"comment_id": "$response.body#/comments/0/id"},
        "readThread": {"thread_id": "$response.body#/comments/0/thread/id"},
    },
    problems={400: _PAGE_CODES, 401: (), 403: ("missing_scope",)},
)

read_comment = Operation(
    name="readComment",
    summary="Ask how a comment stands",
    text=(
        "With `token`, from `status_url`: what its author may know, for any page's script. With a "
        "secret key of scope `read` or `decide`: everything but the address. With any other key: "
        "whether it is published, and 404 while it is not."
    ),
    security=[TOKEN, SECRET_KEY, PUBLIC_KEY],
    parameters=[_COMMENT_ID, in_query("token", "The signed token of `status_url`.")],
    answers={200: ("How it stands.", "CommentStatus|CommentWithDecisions")},
    links={
        "decide": {"comment_id": "$response.body#/id"},
        "undo": {"decision_id": "$response.body#/decisions/0/id"},
    },
    problems={400: OF_QUERY, 401: (), 404: (), 429: ("rate_limited",)},
)

read_thread_by_name = Operation(
    name="readThreadByName",
    summary="Read a page's thread",
    text="The published comments of the page that `url` or `key` names, with any key of the site.",
    security=[PUBLIC_KEY, SECRET_KEY],
    parameters=[_URL, _KEY, _ROOT, _AFTER, _LIMIT, _KNOWN_COPY],
    answers={200: ("One page of the thread.", "Thread"), 304: ("Your copy is up to date.", None)},
    links={"readThread": {"thread_id": "$response.body#/id"}},
    problems={400: _PAGE_CODES, 401: (), 404: (), 429: ("rate_limited",)},
    tag="Threads",
)

read_thread = Operation(
    name="readThread",
    summary="Read a thread by its id",
    text="The published comments of a thread, with any key of the site.",
    security=[PUBLIC_KEY, SECRET_KEY],
    parameters=[in_path("thread_id", "The thread.", format="uuid"), _ROOT, _AFTER, _LIMIT, _KNOWN_COPY],
    answers={200: ("One page of the thread.", "Thread"), 304: ("Your copy is up to date.", None)},
    links={"readThread": {"thread_id": "$response.body#/id", "after": "$response.body#/next_after"}},
    problems={400: _PAGE_CODES, 401: (), 404: (), 429: ("rate_limited",)},
    tag="Threads",
)

read_public_thread = Operation(
    name="readPublicThread",
    summary="Read a page's thread from the page",
    text=(
        "The same for scripts in pages: a simple GET without headers, so that no preflight is needed; "
        "any origin may read the answer. A page of the site without comments is an empty thread."
    ),
    security=[],
    parameters=[_SITE, _URL, _KEY, _ROOT, _AFTER, _LIMIT, _KNOWN_COPY],
    answers={200: ("One page of the thread.", "Thread"), 304: ("Your copy is up to date.", None)},
    links={
        "readPublicThread": {"public_key": "$request.path.public_key", "after": "$response.body#/next_after"}
    },
    problems={400: _PAGE_CODES, 404: (), 429: ("rate_limited",)},
    tag="Threads",
)

read_form_token = Operation(
    name="readFormToken",
    summary="Get a form's token",
    text=(
        "A script that shows a form of its own fetches this when the form appears, and sends it as "
        "`form_token`: a comment written within 3 s of it is taken for a machine's."
    ),
    security=[],
    parameters=[
        _SITE,
        in_query(
            "thread",
            "The `thread.key` that you will send, or the `thread.url` where you send no key.",
            required=True,
            maxLength=2000,
        ),
    ],
    answers={200: ("A token for one form.", "FormToken")},
    problems={400: _PAGE_CODES, 404: (), 429: ("rate_limited",)},
    tag="Threads",
)

decide = Operation(
    name="decide",
    summary="Decide on a comment",
    text=(
        "Approve, reject, mark as spam, hold or delete, with a reason. With `version` it is refused "
        "if somebody else was faster, and the answer says how the comment stands. Needs `decide`."
    ),
    security=[SECRET_KEY],
    parameters=[_COMMENT_ID],
    body=json_body("DecisionInput", {"action": "approve", "reason": "fine", "version": 2}),
    answers={201: ("Decided.", "Decision")},
    links={
        "undo": {"decision_id": "$response.body#/id"},
        "readComment": {"comment_id": "$response.body#/comment"},
    },
    problems={
        **_BODY_PROBLEMS,
        400: (*OF_BODY, *_NO_QUERY),
        403: ("missing_scope",),
        404: (),
        409: ("stale_version", "action_not_possible"),
    },
    tag="Decisions",
)

decide_many = Operation(
    name="decideMany",
    summary="Decide on several comments alike",
    text=(
        "Up to 100 at once. Each stands alone: `results` has a decision or a problem for each, in the "
        "order in which they were sent. Needs `decide`."
    ),
    security=[SECRET_KEY],
    body=json_body(
        "DecisionsInput",
        {
            "comments": [{"id": "019a0000-0000-7000-8000-000000000001", "version": 2}],
            "action": "spam",
            "reason": "spam",
        },
    ),
    answers={200: ("What became of each.", "DecisionResults")},
    links={
        "undo": {"decision_id": "$response.body#/results/0/decision/id"},
        "readComment": {"comment_id": "$response.body#/results/0/comment"},
    },
    problems={**_BODY_PROBLEMS, 400: (*OF_BODY, *_NO_QUERY), 403: ("missing_scope",)},
    tag="Decisions",
)

undo = Operation(
    name="undo",
    summary="Take a decision back",
    text=(
        "Puts the comment back where it stood, as long as nothing was decided since. The body may be "
        "left out. Needs `decide`."
    ),
    security=[SECRET_KEY],
    parameters=[in_path("decision_id", "The decision.", format="uuid")],
    body=json_body("UndoInput", {"version": 3}, required=False),
    answers={201: ("Taken back.", "Decision")},
    links={name: {"comment_id": "$response.body#/comment"} for name in ("readComment", "decide")},
    problems={
        **_BODY_PROBLEMS,
        400: (*OF_BODY, *_NO_QUERY),
        403: ("missing_scope",),
        404: (),
        409: ("stale_version", "action_not_possible"),
    },
    tag="Decisions",
)

list_reasons = Operation(
    name="listReasons",
    summary="List the reasons",
    text="The catalogue, with what an author is told. Needs the scope `read` or `decide`.",
    security=[SECRET_KEY],
    answers={200: ("The catalogue.", "Reasons")},
    problems={400: _NO_QUERY, 401: (), 403: ("missing_scope",)},
    tag="Decisions",
)
