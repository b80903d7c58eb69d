"""Checks that a backup fits this code, these keys and this server; raises UnusableBackup if not."""

from typing import Any
from uuid import UUID

from django.db.migrations.loader import MigrationLoader

from config.backup.archive import Manifest, UnusableBackup
from config.backup.programs import server_major_version
from moderation.flow.keeping.rotate import check_sealed_address
from moderation.privacy.vault import VaultError, key_ids

# pg_dump's script begins with a setting that older servers do not know.
_LEAST_SERVER = 17


def check_migrations(manifest: Manifest, *, migrate: bool) -> None:
    """Check that this code knows all migrations of the backup, and that none is missing unless it may
    migrate.
    """
    loader: Any = MigrationLoader(None, ignore_no_migrations=True)
    ours = set(loader.disk_migrations)
    theirs = {(app, name) for app, name in manifest.migrations}
    unknown = sorted(f"{app}.{name}" for app, name in theirs - ours)
    if unknown:
        raise UnusableBackup(
            f"A newer or other version of this service made this backup: {', '.join(unknown[:5])} is unknown "
            "here. Restore it with that version, and change versions afterwards."
        )
    missing = sorted(f"{app}.{name}" for app, name in ours - theirs)
    if missing and not migrate:
        raise UnusableBackup(
            f"An older version of this service made this backup: it lacks {', '.join(missing[:5])}. Give "
            "--migrate to bring it up to date once it is restored."
        )


def check_keys(manifest: Manifest) -> None:
    """Check that each key that sealed anything in the backup is here, that it opens its sample, and that the
    index key finds the sample's author. Keys that sealed no address have no sample.
    """
    try:
        missing = sorted(manifest.addresses_by_key.keys() - key_ids())
        if missing:
            raise VaultError(f"There is no key {', '.join(missing)} here.")
        for sample in manifest.key_samples:
            check_sealed_address(
                sample.sealed,
                site_id=UUID(sample.site_id),
                comment_id=UUID(sample.comment_id),
                address_hash=bytes.fromhex(sample.address_hash),
            )
    except VaultError as error:
        needed = ", ".join(f"{key} ({n} addresses)" for key, n in manifest.addresses_by_key.items())
        raise UnusableBackup(
            f"The keys here do not fit this backup: {error} It needs its service's EMAIL_INDEX_KEY and "
            f"EMAIL_KEYS with {needed}. In development they are in var/secrets.json of the old machine."
        ) from None


def check_server(manifest: Manifest) -> None:
    """Check that this server understands what the backup's server wrote."""
    least = max(_LEAST_SERVER, manifest.server_version // 10_000)
    here = server_major_version()
    if here < least:
        raise UnusableBackup(f"This needs PostgreSQL {least} or newer; the server is {here}.")
