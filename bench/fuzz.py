"""Fuzzes the API by its own description: `python3 run.py bench fuzz --cases 20000 [--seed N] [--json]`.

Schemathesis sends valid and invalid requests along the schema and its links to the real WSGI
application, on a throw-away PostgreSQL. Rate limits are taken out, so that they hide nothing;
what was submitted is screened at once. Exits with 1 where anything was found.
"""

import argparse
import json
import os
import secrets
import sys
import time
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.testing"

from tests.throwaway import throwaway_database


def main() -> None:
    """Print how many cases were sent, what was answered, and everything that was wrong."""
    options = _read_options()
    with throwaway_database():
        from tests.builders import build_site
        from tests.fuzz.campaign import run_campaign

        began = time.monotonic()
        findings = run_campaign(build_site(), cases=options.cases, seed=options.seed, examples=60)
        seconds = time.monotonic() - began
    report: dict[str, Any] = {
        "cases": findings.cases,
        "seed": options.seed,
        "seconds": round(seconds, 1),
        "server_errors": sum(n for status, n in findings.statuses.items() if status >= 500),
        "failures": findings.failures,
        "statuses": {str(status): n for status, n in sorted(findings.statuses.items())},
        "phases": dict(findings.phases.most_common()),
        "operations": dict(findings.operations.most_common()),
    }
    print(json.dumps(report, indent=2) if options.json else _tell(report))
    sys.exit(1 if findings.failures or report["server_errors"] else 0)


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py bench fuzz")
    parser.add_argument("--cases", type=int, default=20_000, help="requests to send, at least")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**9), help="repeats a former run")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _tell(report: dict[str, Any]) -> str:
    found = f"{report['server_errors']} server errors, {len(report['failures'])} kinds of failure"
    lines = [f"{report['cases']} cases in {report['seconds']} s, seed {report['seed']}: {found}"]
    lines += [
        f"{name}: " + ", ".join(f"{key} {count}" for key, count in report[name].items())
        for name in ("statuses", "phases", "operations")
    ]
    lines += [f"\n{what}\n{example}" for what, example in report["failures"].items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
