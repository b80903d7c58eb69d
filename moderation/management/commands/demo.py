"""`manage.py demo`: a fictional newspaper with a lively comment section."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.db import ProgrammingError

from moderation.management.demo_site import access_demo

PRINTED = ("url", "site_key", "api_key", "moderator_key", "admin", "thread")


class Command(BaseCommand):
    """Creates the demo site if it is missing; a second call prints the same."""

    help = "Create the demo site if it is missing, and say where it is and which keys it has."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The output format."""
        parser.add_argument("--json", action="store_true", help="print JSON for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was created."""
        try:
            demo = access_demo()
        except ProgrammingError:
            raise CommandError("The database is not set up yet: run `manage.py migrate` first.") from None
        if options["json"]:
            self.stdout.write(json.dumps({name: demo[name] for name in PRINTED}))
            return
        self.stdout.write(describe(demo))


def describe(demo: dict[str, Any]) -> str:
    """The same for people."""
    admin, moderator = demo["admin"], demo["moderator"]
    lines = {
        "Front page": f"{demo['url']}/",
        "An article": demo["thread"],
        "Admin": f"{demo['url']}/admin/",
        "Log in as": f"{admin['username']}, password {admin['password']}",
        "or as": f"{moderator['username']}, password {moderator['password']}",
        "Public key": demo["site_key"],
        "API key": f"{demo['api_key']}  (secret: submit, read)",
        "Moderator key": f"{demo['moderator_key']}  (secret: decide)",
    }
    return "\n".join(f"{name + ':':<15}{value}" for name, value in lines.items())
