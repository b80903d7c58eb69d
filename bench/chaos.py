"""What survives random kills: `python3 run.py bench chaos [--kills 1000] [--seed N] [--json]`.

Starts a service of its own, has clients post real comments by API and form, kills and stops its
parts at random, and then compares what the clients were promised with what the database holds.
1,000 kills take some 25 minutes. The exit code is 1 when anything was lost, left or doubled.
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.chaos.runner import run_chaos
from tests.faults.chaos.scene import CHAOS_ENVIRONMENT, Scene
from tests.stack import start_stack, stop_stack


def main() -> None:
    """Run it and print the report."""
    parser = argparse.ArgumentParser(prog="run.py bench chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with own_scene() as scene:
        say(f"seed {options.seed}, {options.kills} kills")
        report = run_chaos(scene, kills=options.kills, seed=options.seed, say=say).report
    if options.json:
        say(report.as_text())
        print(json.dumps(report.as_json()))
    else:
        print(report.as_text())
    sys.exit(0 if report.is_clean else 1)


@contextmanager
def own_scene() -> Iterator[Scene]:
    """A service in a folder of its own, gone afterwards whatever happens."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # the database's own user passes through
        stack = start_stack(Path(folder) / "var", "--demo", environment=CHAOS_ENVIRONMENT)
        try:
            yield Scene(stack)
        finally:
            stop_stack(stack)


def say(line: str) -> None:
    """Progress: not part of the result."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
