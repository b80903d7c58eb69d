"""The user of the private servers under root: an unused id, because PostgreSQL refuses to run as root."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from config.problems import CannotStart

SERVER_UID = (
    65525  # systemd's UIDS-GIDS.md lists 65520 to 65533 as unused; inside 16 bits for user namespaces
)
INITDB_UID = 65534  # initdb looks up its user's name, and every system has `nobody`
_CAP_DAC_READ_SEARCH = 2
_CAP_SETPCAP = 8
# PostgreSQL's programs find each other by access(2), which drops the capabilities of all users but root
# unless this bit is set.
_KEEP_CAPABILITY = ("--securebits", "+no_setuid_fixup")
_PASS_CAPABILITY = ("--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search")
USE_A_SERVER = "Set DATABASE_URL (and REDIS_URL) to use real servers instead."


def is_root() -> bool:
    """Whether the private servers have to give up root."""
    return os.geteuid() == 0


def as_user(uid: int, paths: Iterable[Path], *, death_signal: str | None = None) -> list[str]:
    """The command prefix that runs a program as `uid` with access to `paths`; [] unless we are root.

    A folder above `paths` that is closed to `uid` (a clone below /root) is entered by a capability that opens
    folders for reading only. Raises CannotStart if the system does not allow that, or `setpriv` is too old
    for it.
    """
    if not is_root():
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise CannotStart(
            f"As root the private servers need the program setpriv (util-linux). {USE_A_SERVER}"
        )
    become = ["--reuid", str(uid), "--regid", str(uid), "--clear-groups", "--no-new-privs"]
    if any(_is_closed_to(uid, path) for path in paths):
        if not _may_pass_capability():
            raise CannotStart(
                f"A folder above {Path.cwd()} is closed to other users. {USE_A_SERVER} "
                "Or move it to a folder that other users may pass."
            )
        become = [*_KEEP_CAPABILITY, *become, *_PASS_CAPABILITY]
    if death_signal is not None:
        become += ["--pdeathsig", death_signal]
    _ensure_known(setpriv, become)
    return [setpriv, *become, "--"]


def initdb_uid() -> int:
    """The user that initdb runs as. Raises CannotStart if the system does not know it."""
    try:
        pwd.getpwuid(INITDB_UID)
    except KeyError:
        message = f"This system has no user with id {INITDB_UID}, which initdb needs. {USE_A_SERVER}"
        raise CannotStart(message) from None
    return INITDB_UID


def give_to(uid: int, folder: Path) -> None:
    """Make `uid` the owner of `folder` and everything in it, if we are root."""
    if not is_root():
        return
    os.chown(folder, uid, uid)
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(Path(parent, name), uid, uid, follow_symlinks=False)


def _is_closed_to(uid: int, path: Path) -> bool:
    for folder in (path, *path.parents, *path.resolve().parents):
        if not folder.exists():
            continue
        facts = folder.stat()
        needed = stat.S_IXUSR if facts.st_uid == uid else stat.S_IXOTH
        if not facts.st_mode & needed:
            return True
    return False


def _may_pass_capability() -> bool:
    """Whether the capability may be passed on, and the bit that keeps it may be set."""
    if sys.platform != "linux":
        return False
    lines = Path("/proc/self/status").read_text().splitlines()
    status = {name: value for name, _, value in (line.partition(":") for line in lines)}
    may_pass = int(status["CapBnd"], 16) >> _CAP_DAC_READ_SEARCH & 1
    may_keep = int(status["CapEff"], 16) >> _CAP_SETPCAP & 1
    return bool(may_pass and may_keep)


def _ensure_known(setpriv: str, arguments: Sequence[str]) -> None:
    """Raise CannotStart if this `setpriv` lacks a switch: BusyBox's version has only a few."""
    known = _help_of(setpriv)
    missing = [each for each in arguments if each.startswith("--") and each not in known]
    if missing:
        raise CannotStart(
            f"As root the private servers need a newer setpriv (util-linux 2.33): {setpriv} does not know "
            f"{', '.join(missing)}. {USE_A_SERVER}"
        )


@cache
def _help_of(setpriv: str) -> str:
    told = subprocess.run(  # noqa: S603 - found on PATH by its name
        [setpriv, "--help"], capture_output=True, text=True, check=False, timeout=10
    )
    return told.stdout + told.stderr
