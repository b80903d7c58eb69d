"""`manage.py add_site`: a site of your own, with keys and the snippet for its pages."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import BaseCommand, CommandError
from django.db import transaction

from moderation.domain.errors import InvalidFields
from moderation.domain.snippet import build_snippet
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import NewKey, create_key, create_site, set_role
from moderation.models import Site
from moderation.models.key import KeyKind, Scope
from moderation.models.role import RoleName


class Command(BaseCommand):
    """Creates a site, its keys and its owner, and prints the snippet for the site's pages."""

    help = "Create a site with its keys, and print the snippet for its pages. Secret keys are shown once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The site's name and hosts."""
        parser.add_argument("name", help="the publication's name")
        parser.add_argument(
            "--host",
            action="append",
            required=True,
            help="host of its pages, such as example.org (repeatable)",
        )
        parser.add_argument(
            "--language",
            action="append",
            default=[],
            help="language that comments are expected in, such as en",
        )
        parser.add_argument("--owner", help="name of an account that becomes the site's owner")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create all of it or nothing, and report what was created."""
        owner = User.objects.filter(username=options["owner"]).first()
        if options["owner"] and owner is None:
            raise CommandError(f"There is no account {options['owner']!r}; make it with createsuperuser.")
        with transaction.atomic():
            made = self._make(owner, options)
        self.stdout.write(describe(*made))

    def _make(self, owner: User | None, options: dict[str, Any]) -> tuple[Site, NewKey, NewKey]:
        try:
            site = create_site(options["name"], hosts=options["host"], languages=options["language"])
        except InvalidFields as problem:
            raise CommandError(" ".join(error.message for error in problem.errors)) from None
        if owner is not None:
            set_role(site.id, owner, RoleName.OWNER, actor=SYSTEM)
        public = create_key(site.id, KeyKind.PUBLIC, actor=SYSTEM, label="Pages")
        scopes = [Scope.SUBMIT, Scope.READ, Scope.DECIDE]
        secret = create_key(site.id, KeyKind.SECRET, actor=SYSTEM, label="Server", scopes=scopes)
        return site, public, secret


def describe(site: Site, public: NewKey, secret: NewKey) -> str:
    """What was created, and how to use it."""
    url = settings.PUBLIC_URL
    page = f"https://{site.hosts[0]}/an-article/"
    return f"""\
{site.name} is there, for pages on {", ".join(site.hosts)}. Commands know it by its short name, {site.slug}.

Public key (may stand in pages):
  {public.plain}
Secret key (for your server; shown this once):
  {secret.plain}

Where a page should have comments, paste this, the same on all pages:

{build_snippet(url, public.plain)}

Or read and submit by the API:

curl {url}/api/v1/comments \\
  -H 'Authorization: Bearer {secret.plain}' -H 'Content-Type: application/json' \\
  -d '{{"thread": {{"url": "{page}", "title": "An article"}},
       "name": "Ada", "email": "ada@example.org", "body": "Well said."}}'
"""
