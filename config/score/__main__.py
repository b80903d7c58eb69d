"""`python -m config.score`: starts the scoring server, or makes a key for it. `run.py score` leads here."""

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.local.ports import wait_for_port
from config.local.programs import WebAddress, web_program
from config.problems import CannotStart
from config.settings.env import inherited
from moderation.compat.score_keys import ReadKeys, make_key, read_keys

HOW_TO_MAKE_ONE = "Make one with: python3 run.py score --new-key NAME"


def main(arguments: Sequence[str]) -> None:
    """Do what the arguments say. Ends with a sentence where the server cannot start."""
    options = _read_options(arguments)
    try:
        from config.settings.score import PUBLIC_URL, SCORE_KEYS, SCORE_KEYS_FILE  # one may make no sense

        if options.new_key is not None:
            print_new_key(options.new_key, SCORE_KEYS_FILE)
        else:
            count = count_keys(SCORE_KEYS_FILE, SCORE_KEYS)
            address = WebAddress(options.host, options.port, options.processes)
            _serve(address, count, PUBLIC_URL or address.for_people)
    except (CannotStart, ImproperlyConfigured) as problem:
        sys.exit(str(problem))


def _read_options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py score", description="Run the scoring server alone.")
    parser.add_argument("--host", default="127.0.0.1", help="default: this machine only")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--processes", type=int, default=1, help="web processes; one for each core is best")
    parser.add_argument("--new-key", metavar="NAME", help="make a key, store its hash, and print it once")
    return parser.parse_args(arguments)


def _serve(address: WebAddress, count: int, public_url: str) -> None:
    """Become the web server, so that signals and exit codes need nobody to pass them on."""
    wait_for_port(address.host, address.port)
    keys = "1 key" if count == 1 else f"{count} keys"
    say(f"The scoring server starts at {address.for_people} with {keys}; it stores nothing. Ctrl-C ends it.")
    command = web_program(address, "config.score.app:app").command
    environment = inherited() | {"DJANGO_SETTINGS_MODULE": "config.settings.score", "PUBLIC_URL": public_url}
    os.execve(command[0], list(command), environment)  # noqa: S606 - our own command


def count_keys(path: Path, given: str) -> int:
    """The number of keys. Raises `CannotStart` where there is none, or where a line holds none."""
    stored = _read_file(path)
    for source, found in ((str(path), stored), ("SCORE_KEYS", read_keys(given))):
        if found.bad_lines:
            message = f"{source}, line {found.bad_lines[0]}: label:sha256 expected. {HOW_TO_MAKE_ONE}"
            raise CannotStart(message)
    count = len({key.digest for key in (*stored.keys, *read_keys(given).keys)})
    if not count:
        raise CannotStart(f"There is no key yet, so nobody could use this server. {HOW_TO_MAKE_ONE}")
    return count


def _read_file(path: Path) -> ReadKeys:
    try:
        return read_keys(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ReadKeys([], [])
    except (OSError, UnicodeDecodeError) as error:
        raise CannotStart(f"Cannot read the keys in {path}: {type(error).__name__}.") from error


def print_new_key(label: str, path: Path) -> None:
    """Make a key, append its hash to the file, and print the key, which cannot be shown again."""
    try:
        text, key = make_key(label)
        _append(path, key.line)
    except ValueError as error:
        raise CannotStart(str(error)) from error
    except OSError as error:
        raise CannotStart(f"Cannot write to {path}: {error.strerror}.") from error
    say(f"The key of “{label}”, shown only now:\n\n    {text}\n")
    say(f"Its hash is a line of {path}. Delete that line to revoke the key; no restart is needed.")
    say(f"To give it by the environment in place of the file: SCORE_KEYS={shlex.quote(key.line)}")


def _append(path: Path, line: str) -> None:
    """Add a line to a file that its owner alone may read, whether or not the last line there has an end."""
    path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "a+", encoding="utf-8") as file:
        file.seek(0)
        before = file.read()
        gap = "\n" if before and not before.endswith("\n") else ""
        file.write(f"{gap}{line}\n")


def say(text: str) -> None:
    """Write one line for the person at the terminal, at once: this process may be replaced next."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
