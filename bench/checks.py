"""What screening one comment costs: `python3 run.py bench checks`."""

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from moderation.checks.context import Context, SiteFacts
from moderation.checks.policy import default_policy, judge
from moderation.checks.registry import LOCAL_CHECKS
from moderation.checks.rules.reading import read_rule
from moderation.checks.rules.site_rules import SiteRules, compile_rules, match_rules
from moderation.checks.runner import run_checks, warm_up
from moderation.checks.wordlists import SiteLists
from moderation.language.features import exact_hash, fingerprint
from moderation.language.normalise import normalise

LENGTH = 480  # the median comment is shorter, one in ten is longer
ROUNDS = 300
TEXTS = {
    "plain English": "I read the piece twice and still wonder whether the council has asked the tenants. ",
    "accented French": "J'ai été très étonné d'apprendre que la mairie n'a pas voté ce projet à Orléans. ",
    "Russian": "Я прочитал статью дважды и всё ещё не понимаю, почему никто не спросил самих жителей. ",
    "link spam": "Great post! Visit http://example.com/a?b=1 or cheap-example . com, sub my ch\u0430nnel! ",
}


def main() -> None:
    """Prints milliseconds per comment: median and 99th percentile, whole and per check."""
    began = time.perf_counter()
    warm_up()
    print(f"first run, loading lists and models: {1000 * (time.perf_counter() - began):.0f} ms")
    print(f"{LENGTH} characters, {ROUNDS} rounds                     median      p99 (ms)")
    for name, sentence in TEXTS.items():
        _print_text(name, (sentence * LENGTH)[:LENGTH])
    context = _context((TEXTS["plain English"] * LENGTH)[:LENGTH])
    rules = _rules(20)
    _print_row("20 rules of a site", _times(lambda: match_rules(context, (), {}, rules)))
    print("each check on plain English")
    for check in LOCAL_CHECKS:
        _print_row(f"  {check.name}", _times(lambda check=check: check.run(context)))  # type: ignore[misc]


def _print_text(name: str, text: str) -> None:
    # A new text each time: some results are kept per text.
    numbered = iter([f"{text[:-4]}{number:4}" for number in range(3 * ROUNDS)])
    _print_row(f"{name}: all checks and verdict", _times(lambda: _screen(next(numbered))))
    _print_row("  of which normalise", _times(lambda: normalise(next(numbered))))
    _print_row("  at submission: exact_hash", _times(lambda: exact_hash(next(numbered))))
    normalised = normalise(text)
    _print_row("  fingerprint", _times(lambda: fingerprint(normalised)))


def _rules(count: int) -> SiteRules:
    """Rules as sites write them: words, patterns, the author's record."""
    kinds: list[list[tuple[str, str, list[Any]]]] = [
        [("body", "word", ["casino", "poker"]), ("published", "at_most", [1])],
        [("body", "contains", [f"phrase {number}" for number in range(20)])],
        [("body", "matches", [r"(?:buy|cheap) \w+ pills"])],
        [("body", "matches_folded", [r"\bv.agra\b"]), ("is_reply", "equals", [False])],
        [("links", "at_least", [2]), ("signal", "one_of", ["links.*"])],
    ]
    texts = [
        read_rule(
            name=f"Rule {number}",
            action="hold",
            queue="",
            conditions=[
                {"group": "all", "field": field, "operator": operator, "values": values}
                for field, operator, values in kinds[number % len(kinds)]
            ],
        )
        for number in range(count)
    ]
    return compile_rules([(str(number), 1, False, text) for number, text in enumerate(texts)])


def _screen(text: str) -> object:
    run = run_checks(_context(text))
    return judge(run.signals, default_policy(), failed=run.failed)


_LISTS = SiteLists.compile(["blocked phrase", "casino*"], ["fine phrase"], ["bad.example"], ["fine.example"])


def _context(text: str) -> Context:
    site = SiteFacts("bench", ("here.example",), ("en",), ("Ann Editor", "Bob Writer"), _LISTS)
    return Context(text, normalise(text), "A Reader", "", "mail.example", site)


def _times(act: Callable[[], object]) -> Sequence[float]:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - began))
    return times


def _print_row(name: str, times: Sequence[float]) -> None:
    worst = statistics.quantiles(times, n=100)[98]
    print(f"{name:48} {statistics.median(times):8.3f} {worst:8.3f}")


if __name__ == "__main__":
    main()
