"""`manage.py weights`: what the shipped models were trained on."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand

from moderation.language.models.linear import MODEL_PATH as LINEAR_PATH
from moderation.language.models.linear import linear_model
from moderation.language.models.spun import MODEL_PATH as SPUN_PATH
from moderation.language.models.spun import spun_model


class Command(BaseCommand):
    """For each weight file: its size, its hash, and the data sets with their licences and numbers of rows."""

    help = "Print which labelled sets, under which licences, the shipped weights were made from."
    requires_migrations_checks = False
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The output format."""
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Reading a file also verifies its hash: a changed file is refused."""
        told = [_tell(LINEAR_PATH, linear_model().header), _tell(SPUN_PATH, spun_model().header)]
        self.stdout.write(json.dumps(told) if options["json"] else "\n".join(map(_describe, told)))


def _tell(path: Path, header: Mapping[str, Any]) -> dict[str, Any]:
    named = {name: header[name] for name in ("sha256", "seed", "rows", "made_from")}
    return {"file": path.name, "bytes": path.stat().st_size, **named}


def _describe(told: Mapping[str, Any]) -> str:
    lines = [
        f"{told['file']}: {told['bytes']:,} bytes, sha256 {told['sha256']}, seed {told['seed']}",
        f"heads: {', '.join(told['rows'])}",
    ]
    lines += [
        f"  {source['set']:<16}{source['rows']:>7}  {source['licence']}" for source in told["made_from"]
    ]
    return "\n".join(lines)
