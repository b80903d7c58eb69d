"""Requests to the compatible services as their clients send them, and what makes an answer a right one."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlencode

import orjson

from bench.stack import HOST, Keys
from bench.texts import joined_texts, thread_url
from bench.wire import Answer, build_request

# One comment in ten is longer.
LENGTH = 480
ATTRIBUTES = ("TOXICITY", "SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT")
_JSON = {"Content-Type": "application/json"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_AUTHORS = 5_000

MakeText = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Kind:
    """One service: a request about a text by a numbered author, and whether an answer is a right one."""

    name: str
    build: Callable[[Keys, str, int], bytes]
    is_right: Callable[[Answer], bool]


def requests_of(kind: Kind, keys: Keys, seed: int) -> Callable[[int], bytes]:
    """A maker of such requests for `load.closed_loop`."""
    texts, numbers = joined_texts(seed, LENGTH), count()
    return lambda _: kind.build(keys, next(texts), next(numbers) % _AUTHORS)


def _perspective(keys: Keys, text: str, author: int) -> bytes:
    body = {
        "comment": {"text": text},
        "requestedAttributes": {name: {} for name in ATTRIBUTES},
        "languages": ["en"],
        "doNotStore": True,
    }
    path = f"/v1alpha1/comments:analyze?key={keys.secret}"
    return build_request("POST", path, _JSON, orjson.dumps(body))


def _has_all_attributes(answer: Answer) -> bool:
    return set(orjson.loads(answer.body).get("attributeScores", {})) == set(ATTRIBUTES)


def _akismet(keys: Keys, text: str, author: int) -> bytes:
    fields = {
        "api_key": keys.secret,
        "blog": f"https://{HOST}/",
        "user_ip": f"198.18.{author // 250}.{author % 250}",
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "referrer": f"https://{HOST}/",
        "permalink": thread_url(author),
        "comment_type": "comment",
        "comment_author": f"Reader {author}",
        "comment_author_email": f"reader{author}@reader.example",
        "comment_content": text,
    }
    return build_request("POST", "/1.1/comment-check", _FORM, urlencode(fields).encode())


def _is_verdict(answer: Answer) -> bool:
    return answer.body in (b"true", b"false") and bool(answer.header("X-akismet-guid"))


def _openai(keys: Keys, text: str, author: int) -> bytes:
    body = {"model": "omni-moderation-latest", "input": text}
    return build_request("POST", "/v1/moderations", keys.headers, orjson.dumps(body))


def _has_all_categories(answer: Answer) -> bool:
    [result] = orjson.loads(answer.body)["results"]
    return len(result["categories"]) == len(result["category_scores"]) == 13


PERSPECTIVE = Kind("perspective", _perspective, _has_all_attributes)
AKISMET = Kind("akismet", _akismet, _is_verdict)
OPENAI = Kind("openai", _openai, _has_all_categories)
