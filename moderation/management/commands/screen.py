"""`manage.py screen --stdin`: reads JSON lines, prints verdicts with signals. Uses no database."""

import json
import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from moderation.domain.signals import signal_to_json
from moderation.engine.facts import AuthorFacts, Context, FormFacts, SiteFacts
from moderation.engine.run import ENGINE_VERSION, Run, run_checks
from moderation.engine.sentences import say
from moderation.engine.text.site_lists import SiteLists
from moderation.engine.verdict.judging import Verdict, judge
from moderation.engine.verdict.policy import Policy
from moderation.engine.verdict.policy_io import default_policy
from moderation.language.fold.normalise import normalise

_STRINGS = ("text", "name", "website", "email_domain")
_LISTS = ("hosts", "languages", "staff_names", "blocked_words", "allowed_words")
_DOMAINS = ("blocked_domains", "allowed_domains")
_COUNTS = ("published", "rejected", "spam")
_FLAGS = ("is_proven", "honeypot", "is_reply")
_KNOWN = frozenset({*_STRINGS, *_LISTS, *_DOMAINS, *_COUNTS, *_FLAGS, "id"})
_INVALID = "not a line with one JSON object in UTF-8"


class Command(BaseCommand):
    """Try texts against the engine and the default policy, or measure it on a file."""

    help = (
        "Screens JSON lines from standard input and writes one JSON line for each. Fields: text (required), "
        "id (given back), name, website, email_domain, is_reply, is_proven, published, rejected, spam, "
        "honeypot, hosts, languages, staff_names, blocked_words, allowed_words, blocked_domains, "
        "allowed_domains. Other fields are ignored."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's own declaration
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """`--stdin` is required, so that the command never waits for input unexpectedly."""
        parser.add_argument("--stdin", action="store_true", required=True, help="read JSON lines from here")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit code 1 if any line could not be read; all others still get a result."""
        is_fine = True
        try:
            for number, line in enumerate(_lines(sys.stdin.buffer), start=1):
                answer = _answer(number, line)
                is_fine = is_fine and "error" not in answer
                self.stdout.write(json.dumps(answer, ensure_ascii=True, separators=(",", ":")))
                self.stdout.flush()  # the other side may be waiting for it before it sends the next line
        except BrokenPipeError:  # the reader has closed the pipe; Python's own flush at exit would complain
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not is_fine:
            sys.exit(1)


def _answer(number: int, line: bytes) -> dict[str, Any]:
    try:
        return screen_line(line)
    except ValueError as problem:
        return {"error": {"line": number, "message": str(problem)}}


def screen_line(line: bytes) -> dict[str, Any]:
    """The result for one line. Raises `ValueError` saying what is wrong with it."""
    fields = _parse(line)
    policy = default_policy()
    context = _build_context(fields)
    run = run_checks(context)
    verdict = judge(run.signals, policy, failed=run.failed)
    answer = {"id": fields["id"]} if "id" in fields else {}
    return answer | _describe(run, verdict, policy)


def _lines(stream: Iterable[bytes]) -> Iterable[bytes]:
    """The lines that are not empty, without a byte order mark."""
    return (clean for line in stream if (clean := line.removeprefix(b"\xef\xbb\xbf").strip()))


def _parse(line: bytes) -> Mapping[str, Any]:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        fields = None
    given = fields.items() if isinstance(fields, dict) else None
    if given is None:
        raise ValueError(_INVALID)
    known = {name: value for name, value in given if name in _KNOWN and value is not None}
    for name in ("text", *known):
        _check_field(name, known.get(name))
    return known


def _check_field(name: str, value: object) -> None:
    if name in _STRINGS and not isinstance(value, str):
        raise ValueError(f"{name}: must be a string")
    if name in (*_LISTS, *_DOMAINS) and not (
        isinstance(value, list) and all(isinstance(item, str) for item in value)
    ):
        raise ValueError(f"{name}: must be a list of strings")
    if name in _FLAGS and not isinstance(value, bool):
        raise ValueError(f"{name}: must be true or false")
    if name in _COUNTS and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
        raise ValueError(f"{name}: must be a whole number, 0 or more")


def _build_context(fields: Mapping[str, Any]) -> Context:
    lists = {name: tuple(fields.get(name, ())) for name in (*_LISTS, *_DOMAINS)}
    site = SiteFacts(
        site_id="",
        hosts=lists["hosts"],
        languages=lists["languages"],
        staff_names=lists["staff_names"],
        lists=SiteLists.compile(
            blocked_words=lists["blocked_words"],
            allowed_words=lists["allowed_words"],
            blocked_domains=lists["blocked_domains"],
            allowed_domains=lists["allowed_domains"],
        ),
    )
    return Context(
        text=fields["text"],
        normalised=normalise(fields["text"]),
        author_name=fields.get("name", ""),
        website=fields.get("website", ""),
        email_domain=fields.get("email_domain", ""),
        site=site,
        author=AuthorFacts(
            is_proven=fields.get("is_proven", False), **{name: fields.get(name, 0) for name in _COUNTS}
        ),
        form=FormFacts(honeypot_filled=fields.get("honeypot", False)),
        is_reply=fields.get("is_reply", False),
    )


def _describe(run: Run, verdict: Verdict, policy: Policy) -> dict[str, Any]:
    return {
        "verdict": verdict.outcome.value,
        "scores": dict(verdict.scores),
        "reasons": [reason.code for reason in verdict.reasons],
        "explanation": verdict.explanation,
        "signals": [signal_to_json(s) | {"says": say(s.code, s.params)} for s in run.signals],
        "failed": list(run.failed),
        "engine_version": ENGINE_VERSION,
        "policy_version": policy.version,
        "duration_ms": round(run.duration_ms, 3),
    }
