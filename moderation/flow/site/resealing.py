"""Seals the few secrets of a table again under the newest key of the vault."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from moderation.privacy import vault
from moderation.privacy.vault import VaultError


@transaction.atomic
def reseal_rows(rows: QuerySet[Any], column: str) -> tuple[UUID, ...]:
    """Seal `column` of all `rows` under the newest key; return the ids of the rows whose secret did not open.

    Locks the rows that another key has sealed, in id order. Each row has a `site_id`.
    """
    former = rows.exclude(**{f"{column}__startswith": f"v1:{vault.newest_key_id()}:"})
    closed = []
    for row in former.order_by("pk").select_for_update(of=("self",)):
        try:
            sealed = vault.reseal_secret(getattr(row, column), site_id=row.site_id, row_id=row.pk)
        except VaultError:
            closed.append(row.pk)
        else:
            rows.filter(pk=row.pk, site_id=row.site_id).update(**{column: sealed})
    return tuple(closed)
