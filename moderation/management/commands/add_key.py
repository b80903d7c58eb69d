"""`manage.py add_key`: a secret key for a site, or one for clients of Akismet, from the command line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import create_key
from moderation.models import Site
from moderation.models.key import KeyKind, Scope


class Command(BaseCommand):
    """Prints the key and nothing else, so that a script can store it."""

    help = "Make a secret key for a site and print it. It cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The site, the scopes, the label."""
        parser.add_argument("site", metavar="SITE", help="the site's short name, as add_site prints it")
        parser.add_argument(
            "--akismet", action="store_true", help="a key of 12 characters, for clients of Akismet alone"
        )
        parser.add_argument(
            "--scope",
            action="append",
            choices=[scope.value for scope in Scope],
            help="what the key may do; may be given several times (default: score)",
        )
        parser.add_argument("--label", default="", help="what it is for")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the key; recorded like one that the admin creates."""
        site = Site.objects.filter(slug=options["site"]).first()
        if site is None:
            known = ", ".join(Site.objects.order_by("slug").values_list("slug", flat=True)[:20])
            raise CommandError(f"There is no site {options['site']!r}. Sites: {known or 'none'}.")
        if options["akismet"] and options["scope"]:
            raise CommandError("An Akismet key has the scopes that its clients need; leave out --scope.")
        kind = KeyKind.AKISMET if options["akismet"] else KeyKind.SECRET
        scopes = [Scope(scope) for scope in options["scope"] or [Scope.SCORE]]
        label = options["label"][:100]
        self.stdout.write(create_key(site.id, kind, actor=SYSTEM, label=label, scopes=scopes).plain)
