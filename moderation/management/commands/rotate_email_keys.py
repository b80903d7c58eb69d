"""`manage.py rotate_email_keys`: seal all stored addresses under the newest of EMAIL_KEYS, and let authors be
found by EMAIL_INDEX_KEY.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from moderation.flow.keeping.index_keys import Rehashed, change_index_key
from moderation.flow.keeping.rotate import STEP, Progress, count_by_key, rotate_email_keys
from moderation.privacy.vault import VaultError, newest_key_id

MOST_NAMED = 10


class Command(BaseCommand):
    """Put the new key first in EMAIL_KEYS, restart, run this, then take the old key off the list.

    To change EMAIL_INDEX_KEY, put the former key into EMAIL_INDEX_KEY_FALLBACKS and do the same.
    """

    help = "Move all stored addresses to the newest keys. May be interrupted and run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The batch size, and whether only to count."""
        parser.add_argument(
            "--step", type=int, default=STEP, help=f"addresses per transaction (default: {STEP})"
        )
        parser.add_argument("--check", action="store_true", help="only count the addresses of each key")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate and report the result; exit with an error if an address could not be decrypted."""
        step = max(1, options["step"])
        try:
            done = Progress() if options["check"] else self._rotate(step)
            self._count()
            rehashed = Rehashed() if options["check"] else self._rehash(step)
        except VaultError as error:
            raise CommandError(str(error)) from error
        if done.unreadable:
            named = ", ".join(str(comment_id) for comment_id in done.unreadable[:MOST_NAMED])
            raise CommandError(
                f"{len(done.unreadable)} addresses did not open and were left as they are. Put the key that "
                f"sealed them back into EMAIL_KEYS and run this again. Comments: {named}"
            )

        if rehashed.twice or rehashed.unknown:
            raise CommandError(
                f"{rehashed.twice} authors stand under both index keys, and {rehashed.unknown} addresses "
                "lead to an author of neither. Leave EMAIL_INDEX_KEY_FALLBACKS as it is; see docs/backup.md."
            )

    def _rehash(self, step: int) -> Rehashed:
        steps = list(change_index_key(step=step))
        if not steps:
            return Rehashed()
        done = steps[-1]
        self.stdout.write(
            f"Done: {done.authors} authors and {done.domains} domains are found by EMAIL_INDEX_KEY now."
        )
        return done

    def _rotate(self, step: int) -> Progress:
        done = Progress()
        for done in rotate_email_keys(step=step):
            self.stdout.write(f"{done.renewed} sealed again, {len(done.unreadable)} unreadable")
        self.stdout.write(f"Done: {done.renewed} addresses sealed again under {newest_key_id()!r}.")
        return done

    def _count(self) -> None:
        newest = newest_key_id()
        for key_id, count in sorted(count_by_key().items()):
            self.stdout.write(f"{key_id}: {count} addresses{' (newest key)' if key_id == newest else ''}")
