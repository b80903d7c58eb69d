"""How long a backup and its restoration take: `python3 run.py bench backup [--comments N] [--json]`.

Real comments are submitted, screened and sealed through the flow on private servers; then `manage.py
backup` and `manage.py restore` (into an empty machine) are timed, checks and all. The time for a million
comments is by proportion; with few comments what every run costs weighs most, so take 50,000 or more, on
a quiet machine, for a figure to quote.
"""

import argparse
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Any

from tests.stack import BASE, open_for_all, stack_environment

STREAMS = sorted((Path(__file__).parent / "data" / "youtube").glob("*.csv"))
_FIGURES = re.compile(r"(\d+) rows, (\d+) comments,.* in ([\d.]+) s")


def main() -> None:
    """Fill one machine, back it up, restore it on another, and print what it took."""
    parser = argparse.ArgumentParser(prog="run.py bench backup", description=__doc__)
    parser.add_argument("--comments", type=int, default=5_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        old, new = Path(folder) / "old", Path(folder) / "new"
        for var in (old, new):
            var.mkdir(mode=0o711)
        open_for_all(new)  # the database's own user passes through
        fill(old, options.comments)
        backup = Path(folder) / "bench.backup"
        made = measure(old, "backup", str(backup))
        shutil.copy(old / "secrets.json", new / "secrets.json")
        measure(new, "showmigrations", has_figures=False)  # makes the cluster, which is not our subject
        restored = measure(new, "restore", str(backup))
        figures = {
            "comments": made["comments"],
            "rows": made["rows"],
            "bytes": backup.stat().st_size,
            "backup_s": made["seconds"],
            "restore_s": restored["seconds"],
            "restore_cpu_s": restored["cpu_s"],
            "restore_rows_per_s": round(restored["rows"] / restored["seconds"]),
            "restore_min_per_million_comments": round(
                restored["seconds"] / restored["comments"] * 1_000_000 / 60, 1
            ),
        }
    print(json.dumps(figures) if options.json else "\n".join(f"{k:<33} {v}" for k, v in figures.items()))


def fill(var: Path, comments: int) -> None:
    """So many comments, submitted, screened and sealed, in a process with settings of its own."""
    command = [sys.executable, "-c", f"from bench.backup import fill_here; fill_here({comments})"]
    environment = stack_environment(var) | {"LOG_LEVEL": "ERROR"}  # there is no broker, so wake-ups fail
    subprocess.run(command, cwd=BASE, env=environment, check=True)


def fill_here(comments: int) -> None:
    """The same in this process, whose environment names the machine."""
    os.environ["TRANSACTION_TIMEOUT_MS"] = "0"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from config.local.servers import borrowed_servers
    from moderation.flow.keeping import seal
    from moderation.models import Comment
    from tests.builders import build_site, screen_all, submit

    with borrowed_servers(settings.VAR_DIR, has_broker=False):
        call_command("migrate", interactive=False, verbosity=0)
        site = build_site()
        for number, text in enumerate(islice(texts(), comments)):
            ip = f"198.18.{number // 250 % 250}.{number % 250 + 1}"
            submit(site, text, email=f"reader-{number}@bench.example", ip=ip)
            if number % 1_000 == 999:
                print(f"{number + 1} comments", file=sys.stderr)
        while Comment.objects.filter(status="screening").exists():
            screen_all()
        settled = seal.find_settled_id()
        while seal.seal_step(settled):
            pass


def texts() -> Iterator[str]:
    """Real comments, each with a number that makes it one of its kind, without end."""
    rows: list[dict[str, Any]] = []
    for stream in STREAMS:
        with stream.open(newline="", encoding="utf-8-sig") as file:
            rows += csv.DictReader(file)
    for number in count():
        yield f"{rows[number % len(rows)]['text'][:2_000]} ({number})"


def measure(var: Path, *arguments: str, has_figures: bool = True) -> dict[str, Any]:
    """Rows, comments and seconds by the command's own word, and the CPU of all its processes.

    The CPU holds the start of Python and of the database; it tells more than the seconds on a machine
    that others use.
    """
    command = [sys.executable, "manage.py", *arguments]
    environment = stack_environment(var)
    before = getrusage(RUSAGE_CHILDREN)
    result = subprocess.run(command, cwd=BASE, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    after = getrusage(RUSAGE_CHILDREN)
    if not has_figures:
        return {}
    found = _FIGURES.search(result.stdout)
    if found is None:
        sys.exit(f"No figures in what `manage.py {arguments[0]}` said:\n{result.stdout}")
    cpu_s = round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1)
    return {"rows": int(found[1]), "comments": int(found[2]), "seconds": float(found[3]), "cpu_s": cpu_s}


if __name__ == "__main__":
    main()
