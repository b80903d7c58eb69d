"""`manage.py translations`: bring the catalogues of readers' messages up to date."""

from argparse import ArgumentParser
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

if TYPE_CHECKING:
    from moderation.management.catalogues.files import LanguageFiles, PlainCatalog


class Command(BaseCommand):
    """Collects marked messages, merges them into every `django.po`, compiles, and tells what is missing."""

    help = "Collect the messages of readers' pages, merge them into each language's catalogue, compile these."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether to change files."""
        parser.add_argument(
            "--check", action="store_true", help="change nothing; fail if a file would change"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Merge and compile, or only compare."""
        if find_spec("babel") is None:
            raise CommandError(
                "This needs Babel, a package for developers: `python3 run.py test` installs it."
            )
        from moderation.management.catalogues.collecting import collect_messages
        from moderation.management.catalogues.files import all_files, merge_messages

        marked = collect_messages()
        outdated = []
        for files in all_files():
            merged = merge_messages(files.read(), marked, files.language)
            if not files.hold(merged):
                outdated.append(files.language)
                if not options["check"]:
                    files.write(merged)
            self._tell(files, merged)
        if options["check"] and outdated:
            raise CommandError(f"Not up to date: {', '.join(outdated)}. Run `manage.py translations`.")

    def _tell(self, files: "LanguageFiles", merged: "PlainCatalog") -> None:
        left = merged.list_untranslated()
        self.stdout.write(f"{files.language}: {len(merged)} messages, {len(left)} to translate")
        for text in left:
            self.stdout.write(f"  {text}")
