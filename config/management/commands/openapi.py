"""`manage.py openapi`: the API's description, as the snapshot of the tests has it."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from moderation.api.documentation import load_schema


class Command(BaseCommand):
    """Write the OpenAPI document to the standard output."""

    help = "Print the OpenAPI document."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it as JSON."""
        self.stdout.write(json.dumps(load_schema(), indent=4, ensure_ascii=False))
