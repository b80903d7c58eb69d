"""What screening one comment costs: `python3 run.py bench checks`.

Times are of one core, beside a fixed job that tells how fast the machine is just now.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from moderation.engine.facts import Context, SiteFacts
from moderation.engine.registry import LOCAL_CHECKS
from moderation.engine.rules.reading import read_rule
from moderation.engine.rules.site_rules import SiteRules, compile_rules, match_rules
from moderation.engine.run import run_checks, warm_up
from moderation.engine.text.site_lists import SiteLists
from moderation.engine.verdict.judging import judge
from moderation.engine.verdict.policy_io import default_policy
from moderation.language.features import exact_hash, fingerprint
from moderation.language.fold.normalise import normalise
from moderation.language.models.cascade import linear_alone
from moderation.language.models.encoder import encoder
from moderation.language.models.hashing import hash_grams
from moderation.language.models.linear import linear_model
from moderation.language.models.shape import shape_features

LENGTH = 480  # the median comment is shorter, one in ten is longer
USUAL = 120  # the median comment
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
    _print_row("reference: a loop of 10,000 additions", _times(_reference))
    _print_models()
    for name, sentence in TEXTS.items():
        _print_text(name, (sentence * LENGTH)[:LENGTH])
    context = _context((TEXTS["plain English"] * LENGTH)[:LENGTH])
    rules = _rules(20)
    _print_row("20 rules of a site", _times(lambda: match_rules(context, (), {}, rules)))
    print("each check on plain English")
    for check in LOCAL_CHECKS:
        _print_row(f"  {check.name}", _times(lambda check=check: check.run(context)))  # type: ignore[misc]


def _reference() -> int:
    """Always the same work for the interpreter."""
    total = 0
    for number in range(10_000):
        total += number
    return total


def _print_models() -> None:
    """The models on a comment of usual length, and what loading each costs a process."""
    usual = (TEXTS["plain English"] * 2)[:USUAL]
    numbered = iter([f"{usual[:-5]}{number:5}" for number in range(4 * ROUNDS)])
    _print_row(f"{USUAL} characters: fold", _times(lambda: normalise(next(numbered))))
    _print_row("  fold and linear layer", _times(lambda: _score(next(numbered))))
    second = encoder()
    if second:
        _print_row("  encoder", _times(lambda: second.judge(normalise(next(numbered)).text)))
    for name, code in LOADS.items():
        told = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True)
        seconds, added, whole = map(float, told.stdout.split()[-3:])
        print(f"  loading the {name}: {seconds * 1000:.0f} ms, {added:.0f} MiB of {whole:.0f} with numpy")


def _score(text: str) -> object:
    folded = normalise(text)
    return linear_model().score(hash_grams(folded.text, shape_features(folded)))


def _print_text(name: str, text: str) -> None:
    # A new text each time: some results are kept per text.
    numbered = iter([f"{text[:-4]}{number:4}" for number in range(4 * ROUNDS)])
    _print_row(f"{name}: all checks and verdict", _times(lambda: _screen(next(numbered))))
    with linear_alone():
        _print_row("  the same without the encoder", _times(lambda: _screen(next(numbered))))
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


# Run in a fresh interpreter each: seconds, and the memory that it has afterwards beside before. (The
# kernel's own high-water mark would be the one of the process that started it.)
_LOAD = """
import time, numpy
def resident():
    with open("/proc/self/statm") as figures:
        return int(figures.read().split()[1]) * 4096 / 2**20
before, began = resident(), time.perf_counter()
{}
print(time.perf_counter() - began, resident() - before, resident())
"""
LOADS = {
    "linear layer": _LOAD.format(
        "from moderation.language.models.linear import linear_model; linear_model()"
    ),
    "encoder": _LOAD.format("from moderation.language.models.encoder import encoder; encoder()"),
    "whole engine": _LOAD.format("from moderation.engine.run import warm_up; warm_up()"),
}
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
