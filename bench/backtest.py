"""How long the backtest of a rule takes: `python3 run.py bench backtest [--comments N] [--json]`.

Real comments are submitted, screened and decided through the flow on a private server: what the checks
published is approved, what they doubted is marked as spam. Then three rules are tried on all of them: one
that looks for words, one for patterns, and one that looks at everything that a rule can look at. Beside
them stands what only reading the same rows takes.
"""

import argparse
import csv
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.stack import BASE, stack_environment

STREAMS = sorted((Path(__file__).parent / "data" / "youtube").glob("*.csv"))
GATE_S = 10.0
_AUTHORS = 2_000
_AT_ONCE = 100


def line(field: str, operator: str, *values: Any, group: str = "all") -> dict[str, Any]:
    """A condition as it is stored."""
    return {"group": group, "field": field, "operator": operator, "values": list(values)}


RULES: dict[str, list[dict[str, Any]]] = {
    "words": [line("body", "word", "subscribe", "my channel", "check out")],
    "patterns": [
        line(
            "body",
            "matches",
            r"(?:check|visit) (?:out )?my \w+",
            r"\bsub(?:scribe)?\s+(?:to|4)\b",
            group="any",
        ),
        line("body", "matches_folded", r"\bfree (?:gift|money|card)s?\b", group="any"),
    ],
    "everything": [
        line("is_proven", "equals", False),
        line("published", "at_most", 1_000),
        line("score_abuse", "at_most", 100),
        line("length", "at_least", 1),
        line("thread_url", "contains", "page"),
        line("language", "one_of", "en", "de", group="any"),
        line("signal", "one_of", "links.*", "patterns.*", group="any"),
        line("body", "contains", "http", "www", "channel", group="any"),
        line("body", "matches_folded", r"check \w+ my|sub(?:scribe)? to", group="any"),
        line("link_host", "contains", "youtu", group="any"),
        line("name", "contains", "official", group="any"),
        line("body", "word", "never-said-by-anybody", group="none"),
    ],
}


def main() -> None:
    """Fill a private server, try the rules, and print the seconds."""
    parser = argparse.ArgumentParser(prog="run.py bench backtest", description=__doc__)
    parser.add_argument("--comments", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        var = Path(folder) / "var"
        Path(folder).chmod(0o755)  # the database's own user passes through
        var.mkdir(mode=0o711)
        report = measure(var, options.comments)
    print(json.dumps(report) if options.json else describe(report))
    if report["comments"] >= 10_000 and max(rule["seconds"] for rule in report["rules"].values()) > GATE_S:
        sys.exit(f"A rule took longer than {GATE_S:g} s.")


def measure(var: Path, comments: int) -> dict[str, Any]:
    """The figures, from a process whose settings name the private server."""
    command = [sys.executable, "-c", f"from bench.backtest import measure_here; measure_here({comments})"]
    environment = stack_environment(var) | {"LOG_LEVEL": "ERROR"}  # there is no broker, so wake-ups fail
    output = subprocess.run(
        command, cwd=BASE, env=environment, check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    report: dict[str, Any] = json.loads(output.splitlines()[-1])
    return report


def measure_here(comments: int) -> None:
    """The same in this process; the last line printed is JSON."""
    os.environ["TRANSACTION_TIMEOUT_MS"] = "0"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from config.local.servers import borrowed_servers
    from moderation.engine.run import warm_up

    with borrowed_servers(settings.VAR_DIR, has_broker=False):
        call_command("migrate", interactive=False, verbosity=0)
        warm_up()
        site = _fill(comments)
        report = {
            "comments": comments,
            "gate_s": GATE_S,
            "reading_s": _read(site, comments),
            "rules": {name: _try(site, name, conditions, comments) for name, conditions in RULES.items()},
        }
        report["reading_again_s"] = _read(site, comments)
    print(json.dumps(report))


def _rows() -> Iterator[tuple[str, str]]:
    """Name and text, each with a number that makes it one of its kind, without end."""
    rows: list[dict[str, Any]] = []
    for stream in STREAMS:
        with stream.open(newline="", encoding="utf-8-sig") as file:
            rows += csv.DictReader(file)
    for number in itertools.count():
        row = rows[number % len(rows)]
        yield row["author"][:60] or "A Reader", f"{row['text'][:2_000]} ({number})"


def _fill(comments: int) -> Any:
    """A site with so many comments that a person decided."""
    from moderation.models import Comment
    from tests.builders import build_moderator, build_site, person, screen_all, submit

    site = build_site()
    actor = person(build_moderator([site]))
    for number, (name, text) in enumerate(itertools.islice(_rows(), comments)):
        email, url = f"reader-{number % _AUTHORS}@bench.example", f"https://news.example/page-{number % 50}"
        submit(site, text, name=name, email=email, url=url)
        if number % 1_000 == 999:
            print(f"{number + 1} comments", file=sys.stderr)
    while Comment.objects.filter(status="screening").exists():
        screen_all()
    published = list(Comment.objects.filter(status="published").values_list("id", flat=True))
    for status in ("held", "rejected"):
        doubted = list(Comment.objects.filter(status=status).values_list("id", flat=True))
        _decide(doubted, "spam", "spam", site, actor)
    spam = list(
        Comment.objects.filter(status="spam", is_decided_by_person=False).values_list("id", flat=True)
    )
    for ids, action, reason in ((spam, "spam", "spam"), (published, "approve", "fine")):
        _decide(ids, "hold", "second_look", site, actor)  # a decision has to change something
        _decide(ids, action, reason, site, actor)
    _analyse()
    return site


def _decide(ids: list[Any], action: str, reason: str, site: Any, actor: Any) -> None:
    from moderation.domain.status import Action
    from moderation.flow.comments.decide import Choice, decide_many

    for at in range(0, len(ids), _AT_ONCE):
        choices = [Choice(each) for each in ids[at : at + _AT_ONCE]]
        decide_many(choices, site_id=site.id, action=Action(action), reason=reason, actor=actor)


def _analyse() -> None:
    """As the server's own housekeeping would have done by then."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _read(site: Any, comments: int) -> float:
    """Seconds for a plain reading of the texts and signals of the same comments."""
    from django.db import connection

    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT revision.body, comment.author_name, screening.signals FROM comment "
            "JOIN revision ON revision.id = comment.current_revision_id "
            "JOIN screening ON screening.revision_id = revision.id "
            "WHERE comment.site_id = %s LIMIT %s",
            [site.id, comments],
        )
        read = len(cursor.fetchall())
    assert read == comments, read
    return round(time.perf_counter() - began, 2)


def _try(site: Any, name: str, conditions: list[dict[str, Any]], comments: int) -> dict[str, Any]:
    """Wall and CPU seconds of one backtest in this process, and what came of it."""
    from moderation.domain.rules import RuleMode
    from moderation.engine.rules.reading import read_rule
    from moderation.engine.rules.tally import Tally
    from moderation.flow.record import SYSTEM
    from moderation.flow.site.backtest import run_backtest, start_backtest
    from moderation.flow.site.rules import create_rule
    from moderation.models import Backtest

    text = read_rule(name=name, action="hold", queue="", conditions=conditions)
    rule = create_rule(site.id, text, actor=SYSTEM, mode=RuleMode.OFF)
    began, cpu = time.perf_counter(), time.process_time()
    started = start_backtest(rule.rule_id, site_id=site.id, actor=SYSTEM, last=comments, in_background=False)
    assert run_backtest(started.id)
    seconds, cpu_s = time.perf_counter() - began, time.process_time() - cpu
    run = Backtest.objects.get(id=started.id)
    assert (run.state, run.done) == ("done", comments)
    tally = Tally.of(run.counts, run.differences, run.missed)
    return {
        "seconds": round(seconds, 2),
        "cpu_s": round(cpu_s, 2),
        "matched": tally.all_matched,
        "precision": _rounded(tally.precision),
        "recall": _rounded(tally.recall),
    }


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 3)


def describe(report: dict[str, Any]) -> str:
    """The figures as a table."""
    rows = [f"{report['comments']} comments             seconds   CPU s  matched  precision  recall"]
    rows += [
        f"  {name:<26} {rule['seconds']:8.2f} {rule['cpu_s']:7.2f} {rule['matched']:8} "
        f"{rule['precision'] or 0:10.3f} {rule['recall'] or 0:7.3f}"
        for name, rule in report["rules"].items()
    ]
    rows.append(
        f"  only reading the same rows {report['reading_s']:8.2f} (again {report['reading_again_s']:.2f})"
    )
    return "\n".join(rows)


if __name__ == "__main__":
    main()
