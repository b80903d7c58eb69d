#!/usr/bin/env python3
"""The two commands: `python3 run.py` runs the service, `python3 run.py test` tests it.

Also `run.py score` for the scoring server alone, `run.py manage ...` for Django's commands and
`run.py bench NAME ...` for a measurement.
Standard library only, and no syntax newer than Python 3.6: an old Python shall read as far as
the sentence that says that it is too old.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit("This needs Python 3.11 or newer; %s is %s." % (sys.executable, sys.version.split()[0]))

import argparse
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

BASE = Path(__file__).resolve().parent
VENV = BASE / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
RUNTIME = BASE / "requirements.txt"
DEVELOPMENT = BASE / "requirements-dev.txt"  # holds all of RUNTIME too

USAGE = """\
python3 run.py [--host H] [--port P] [--no-demo]   run the service
python3 run.py test [--all] [pytest arguments]     run the tests; --all adds the slow ones
python3 run.py score [--host H] [--port P]         run the scoring server alone; --new-key NAME makes a key
python3 run.py manage COMMAND ...                  any of Django's commands
python3 run.py bench NAME ...                      a measurement of bench/
"""


def main(arguments: list[str]) -> None:
    """Do what the first argument names; without one, run the service."""
    os.chdir(str(BASE))
    commands = {"test": run_tests, "score": run_score, "manage": run_manage, "bench": run_bench}
    if arguments and arguments[0] in commands:
        commands[arguments[0]](arguments[1:])
    else:
        run_service(arguments)


def run_service(arguments: list[str]) -> None:
    """Install what is missing, then become `manage.py serve`."""
    parser = argparse.ArgumentParser(prog="run.py", usage=USAGE)
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--no-demo", action="store_true", help="do not create the demo site")
    options = parser.parse_args(arguments)
    install(RUNTIME)
    serve = ["manage.py", "serve", "--migrate", "--host", options.host, "--port", str(options.port)]
    become(serve if options.no_demo else [*serve, "--demo"])


def run_tests(arguments: list[str]) -> None:
    """Become pytest. The whole suite runs on all cores and has to reach what `tests/floors.py` asks."""
    install(DEVELOPMENT)
    chosen = [argument for argument in arguments if argument != "--all"]
    whole = [] if chosen else ["-n", "auto", "--cov", "--cov-report", "term", "--floors"]
    become(["-m", "pytest", *whole, *arguments])


def run_score(arguments: list[str]) -> None:
    """Become the scoring server, which needs neither database nor broker."""
    install(RUNTIME)
    become(["-m", "config.score", *arguments])


def run_manage(arguments: list[str]) -> None:
    """Become `manage.py`."""
    install(RUNTIME)
    become(["manage.py", *arguments])


def run_bench(arguments: list[str]) -> None:
    """Become the measurement that the first argument names."""
    found = (BASE / "bench").glob("*.py")
    names = sorted(path.stem for path in found if "def main(" in path.read_text(encoding="utf-8"))
    if not arguments or arguments[0] not in names:
        sys.exit("Which measurement? There are: %s" % ", ".join(names))
    install(DEVELOPMENT)
    become(["-m", "bench." + arguments[0], *arguments[1:]])


def become(arguments: list[str]) -> None:
    """Replace this process, so that signals and exit codes need nobody to pass them on."""
    sys.stdout.flush()
    os.execv(str(PYTHON), [str(PYTHON), *arguments])


def install(lock: Path) -> None:
    """Bring `.venv` to what `lock` says; a second time this only reads the stamp."""
    if is_installed(lock):
        return
    uv = shutil.which("uv")
    os.umask(0o022)  # PostgreSQL's programs run as another user when we are root
    try:
        make_venv(uv)
        print("Installing %s (once; needs the network) ..." % lock.name, flush=True)
        if uv:
            command = [uv, "pip", "install", "--python", str(PYTHON), "--require-hashes", "-r", str(lock)]
            if subprocess.call(command) != 0:
                sys.exit("uv could not install the packages; its message stands above.")
        else:
            install_with_pip(lock)
        STAMP.write_text(json.dumps({lock.name: digest(lock), "python": str(PYTHON.resolve())}))
    except OSError as error:
        sys.exit("Cannot write to %s: %s. Is the folder yours and writable?" % (BASE, error.strerror))


def is_installed(lock: Path) -> bool:
    """True when the stamp says that this very lock, or the larger one, was installed for this Python."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return False
    fitting = [each for each in (lock, DEVELOPMENT) if stamp.get(each.name) == digest(each)]
    return bool(fitting) and stamp.get("python") == str(PYTHON.resolve()) and PYTHON.exists()


def digest(lock: Path) -> str:
    """What a lock file says, in short."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def make_venv(uv: str | None) -> None:
    """Make `.venv` unless there is one that works."""
    if PYTHON.exists() and subprocess.call([str(PYTHON), "-c", "import " + ("sys" if uv else "pip")]) == 0:
        return
    if not uv and (find_spec("venv") is None or find_spec("ensurepip") is None):
        version = "%d.%d" % sys.version_info[:2]
        sys.exit(
            "This Python lacks the module venv or ensurepip. On Debian and Ubuntu: apt install python%s-venv"
            % version
        )
    print("Making %s ..." % VENV, flush=True)
    command = [uv, "venv", "--clear"] if uv else [sys.executable, "-m", "venv", "--clear"]
    result = subprocess.run(
        [*command, str(VENV)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if result.returncode != 0:
        sys.exit("Cannot make %s:\n%s" % (VENV, result.stdout))


def install_with_pip(lock: Path) -> None:
    """Install by pip, one line of progress for each package."""
    total = len(re.findall(r"^[a-z0-9][^ ]*==", lock.read_text(), re.MULTILINE))
    command = [
        str(PYTHON),
        "-m",
        "pip",
        "install",
        "--require-hashes",
        "--no-deps",  # the lock is complete; older versions of pip would look past its pins for `name[extra]`
        "--only-binary",
        ":all:",
        "--no-input",
    ]
    command += ["--disable-pip-version-check", "--progress-bar", "off", "-r", str(lock)]
    lines: list[str] = []
    seen = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            lines.append(line)
            package = package_of(line)
            if package:
                seen += 1
                show("  %3d of %d  %s" % (seen, total, package))
            elif line.startswith("Installing "):
                show("  putting them in place ...")
    if sys.stdout.isatty():
        print()
    if pip.returncode != 0:
        sys.exit(explain_pip("".join(lines)))


def package_of(line: str) -> str | None:
    """The package that a line of pip's begins with, if it does."""
    begun = re.match(r"(?:Collecting|Processing|Requirement [a-z ]+:) (?:\S*/)?([\w.]+(?:-[a-z]\w*)*)", line)
    return begun.group(1) if begun else None


def show(text: str) -> None:
    """One line that is written over on a terminal, and a line each in a log."""
    if sys.stdout.isatty():
        print("\r\033[K" + text, end="", flush=True)
    else:
        print(text, flush=True)


def explain_pip(output: str) -> str:
    """Why pip failed, for a person."""
    missing = re.search(r"No matching distribution found for ([A-Za-z0-9._-]+)", output)
    if missing and "Could not fetch URL" not in output and "connection broken" not in output:
        machine = "%s %s with Python %d.%d" % (platform.system(), platform.machine(), *sys.version_info[:2])
        return "There is no ready-made package (wheel) of %s for %s." % (missing.group(1), machine)
    return "pip could not install the packages:\n" + "\n".join(output.splitlines()[-15:])


if __name__ == "__main__":
    main(sys.argv[1:])
