"""What the worst inputs cost: `python3 run.py bench input [--json]`.

CPU of submitting hand-made bodies through the API and of screening what was taken, whole and in
this process, beside an ordinary comment. No body of up to 128 kB may cost more than 50 ms before it
is refused or taken. Exits with 1 where one does.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.testing"

from tests.throwaway import throwaway_database

LIMIT_MS = 50.0
ROUNDS = 3
ORDINARY = "I read the piece twice and still wonder whether the council has asked the tenants. " * 5


class Cost(NamedTuple):
    """CPU in milliseconds, the least of a few rounds; `screened_ms` is None for what was refused."""

    name: str
    status: int
    submit_ms: float
    screened_ms: float | None


def main() -> None:
    """Print the costs, the worst first."""
    options = _read_options()
    with throwaway_database():
        costs = _measure_all()
    reference, *others = costs
    others.sort(key=lambda cost: -(cost.submit_ms + (cost.screened_ms or 0)))
    worst = max(cost.submit_ms for cost in others)
    worst_screening = max(cost.screened_ms or 0 for cost in others)
    if options.json:
        report = {
            "limit_ms": LIMIT_MS,
            "worst_submit_ms": worst,
            "worst_screening_ms": worst_screening,
            "reference": reference._asdict(),
            "bodies": [cost._asdict() for cost in others],
        }
        print(json.dumps(report, indent=2))
    else:
        _tell(reference, others, worst, worst_screening)
    sys.exit(1 if max(worst, worst_screening) > LIMIT_MS else 0)


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py bench input")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _measure_all() -> list[Cost]:
    from tests.api.calls import secret_api, submission
    from tests.bad_input.costly import bodies, texts
    from tests.builders import build_site, screen_all

    key = secret_api(build_site()).key
    good = submission()
    _measure("warm-up", lambda n: json.dumps({**good, "body": f"{n} {ORDINARY}"}).encode(), key, screen_all)
    costs = [
        _measure(
            "an ordinary comment",
            lambda n: json.dumps({**good, "body": f"{ORDINARY}{n}"}).encode(),
            key,
            screen_all,
        )
    ]
    for name, text in texts():
        costs.append(_measure(name, _numbered(good, text), key, screen_all))
    for name, body in bodies(good):
        costs.append(_measure(name, partial(_same, body), key, screen_all))
    return costs


def _same(body: bytes, number: int) -> bytes:
    return body


def _numbered(good: dict[str, Any], text: str) -> Callable[[int], bytes]:
    """The same text each time but for its end: the same words twice are a duplicate."""
    return lambda n: json.dumps({**good, "body": f"{text[:-2]}{n:2}"}, ensure_ascii=False).encode()


def _measure(name: str, build: Callable[[int], bytes], key: str, screen: Callable[[], None]) -> Cost:
    submits, screenings, status = [], [], 0
    for body in _bodies(build):
        began = time.process_time()
        status = _post(body, key)
        submits.append(1000 * (time.process_time() - began))
        if status == 202:
            began = time.process_time()
            screen()
            screenings.append(1000 * (time.process_time() - began))
    screened = round(min(screenings), 2) if screenings else None
    return Cost(name, status, round(min(submits), 2), screened)


def _bodies(build: Callable[[int], bytes]) -> Iterator[bytes]:
    return (build(number) for number in range(10, 10 + ROUNDS))


def _post(body: bytes, key: str) -> int:
    from django.test import Client

    headers = {"Authorization": f"Bearer {key}"}
    response = Client().generic(
        "POST", "/api/v1/comments", body, content_type="application/json", headers=headers
    )
    return response.status_code


def _tell(reference: Cost, costs: list[Cost], worst: float, worst_screening: float) -> None:
    print(f"{len(costs)} bodies; CPU in ms, the least of {ROUNDS} rounds{'submit':>20}{'screening':>11}")
    for cost in (reference, *costs[:25]):
        screened = "" if cost.screened_ms is None else f"{cost.screened_ms:11.1f}"
        print(f"{cost.name:44} {cost.status:6} {cost.submit_ms:10.1f}{screened}")
    print(f"worst: {worst:.1f} ms to submit, {worst_screening:.1f} ms to screen (limit {LIMIT_MS:.0f})")


if __name__ == "__main__":
    main()
