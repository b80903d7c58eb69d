"""How long a comment waits for its verdict: `python3 run.py bench verdict [--json]`.

Starts a service of its own and replays real streams through its HTTP API three times: at 5 comments a
second, as fast as it goes, and with a broker that is not there. Times are from the commit of the
submission to the commit of the verdict, by the database's clock.
"""

import argparse
import csv
import json
import re
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

from tests.stack import LiveStack, start_stack, stop_stack

STREAMS = sorted((Path(__file__).parent / "data" / "youtube").glob("*.csv"))
FIGURES = re.compile(r"p50 ([\d.]+) ms, p99 ([\d.]+) ms, max ([\d.]+) ms")


def main() -> None:
    """Run the three replays and print a table, or JSON."""
    parser = argparse.ArgumentParser(prog="run.py bench verdict", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rate", type=float, default=5.0)
    parser.add_argument("--rows", type=int, default=300, help="rows of the two slow replays")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # the database's own user passes through
        some = first_rows(Path(folder) / "some.csv", options.rows)
        results = {
            f"{options.rate:g} a second": measure(Path(folder) / "paced", [some], options.rate),
            "full rate": measure(Path(folder) / "full", STREAMS, None),
            "no broker": measure(Path(folder) / "dead", [some], options.rate, broker="unix:///nowhere"),
        }
    if options.json:
        print(json.dumps(results))
        return
    for name, figures in results.items():
        print(f"{name:<14} " + "  ".join(f"{key} {value}" for key, value in figures.items()))


def first_rows(path: Path, count: int) -> Path:
    """A stream of the first rows of the first files, enough for `count`."""
    texts = [StringIO(stream.read_text(encoding="utf-8")) for stream in STREAMS]
    rows = [row for text in texts for row in csv.DictReader(text)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows[:count])
    return path


def measure(
    var: Path, streams: list[Path], rate: float | None, *, broker: str = ""
) -> dict[str, float | str]:
    """Figures of one replay on a fresh service."""
    stack = start_stack(var, "--demo", environment={"REDIS_URL": broker} if broker else {})
    try:
        output = replay(stack, streams, rate)
    finally:
        stop_stack(stack)
    found = FIGURES.search(output)
    if found is None:
        sys.exit(f"The replay failed:\n{output}")
    celery = re.search(r"celery +(\d+) +([\d.]+%)", output)
    return {
        "p50_ms": float(found[1]),
        "p99_ms": float(found[2]),
        "max_ms": float(found[3]),
        "by_celery": celery[2] if celery else "0%",
    }


def replay(stack: LiveStack, streams: list[Path], rate: float | None) -> str:
    """What `manage.py replay` prints."""
    made = json.loads(stack.manage("demo", "--json"))
    paced = ["--rate", str(rate)] if rate else []
    try:
        return stack.manage(
            "replay", *map(str, streams), "--url", stack.url, "--key", made["api_key"], *paced, within_s=900
        )
    except subprocess.CalledProcessError as error:
        return str(error.stdout)


if __name__ == "__main__":
    main()
