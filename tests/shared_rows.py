"""Rows that all tests of a module share: made once, read by many, taken back at the end."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from moderation.queries import remote_reports, rules, site_facts, site_filters


@contextmanager
def module_rows(blocker: DjangoDbBlocker) -> Iterator[None]:
    """What is written in the block stays until it ends; each test's own writes are taken back after it.

    For fixtures of a wider scope than a test. All is one transaction, in which each test is a savepoint,
    so none of these tests may be marked `transaction=True`.
    """
    with blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute("SET transaction_timeout = 0")  # one transaction for the whole module
        try:
            with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
                # As the fixture of the same name does for the tests themselves.
                patch.setattr("moderation.privacy.vault.draw_number", lambda *_, **__: 1.0)
                yield
                transaction.set_rollback(True)
        finally:
            connection.close()


def forget_kept() -> None:
    """Empty the memories of this process that know rows by site and version.

    A version that one test wrote and lost may be written again by the next, with other content.
    """
    for module in (remote_reports, rules, site_facts, site_filters):
        module._kept.clear()
