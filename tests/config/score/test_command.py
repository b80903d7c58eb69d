"""`run.py score`: what it says where it cannot start, and how it makes keys."""

import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config.problems import CannotStart
from config.score.__main__ import count_keys, print_new_key
from moderation.compat.score_keys import make_key, read_keys
from tests.stack import BASE


def score(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "config.score", *arguments],
        cwd=BASE,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_without_a_key_it_does_not_start_and_says_how_to_make_one(tmp_path: Path):
    result = score(VAR_DIR=str(tmp_path))
    assert result.returncode == 1
    assert result.stderr.startswith("There is no key yet, so nobody could use this server. Make one with: ")
    assert "python3 run.py score --new-key NAME" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_variable_that_makes_no_sense_is_named(tmp_path: Path):
    result = score(VAR_DIR=str(tmp_path), WEB_THREADS="many")
    assert result.returncode == 1
    assert result.stderr.startswith("WEB_THREADS must be")


def test_a_new_key_is_shown_once_and_its_hash_is_stored(tmp_path: Path):
    result = score("--new-key", "The Daily Example", VAR_DIR=str(tmp_path / "var"))
    path = tmp_path / "var" / "score-keys.txt"
    (key,) = read_keys(path.read_text()).keys
    assert result.returncode == 0
    assert key.label == "The Daily Example"
    assert "cm_sk_" in result.stdout
    assert "cm_sk_" not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_is_added_to_those_that_are_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "keys"
    path.write_text(f"# ours\n{make_key('one')[1].line}")  # the last line has no end
    print_new_key("two", path)
    found = read_keys(path.read_text())
    assert [key.label for key in found.keys] == ["one", "two"]
    assert not found.bad_lines
    assert f"SCORE_KEYS={found.keys[1].line}" in capsys.readouterr().out


def test_the_line_for_the_environment_can_be_pasted_into_a_shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    print_new_key("My bot", tmp_path / "keys")
    assignment = capsys.readouterr().out.splitlines()[-1].partition("SCORE_KEYS=")[2]
    (value,) = shlex.split(assignment)
    assert read_keys(value) == read_keys((tmp_path / "keys").read_text().strip())


def test_keys_of_file_and_environment_count_together(tmp_path: Path):
    one, two = make_key("one")[1], make_key("two")[1]
    path = tmp_path / "keys"
    path.write_text(one.line)
    assert count_keys(path, two.line) == 2
    assert count_keys(path, one.line) == 1


@pytest.mark.parametrize(
    ("stored", "given", "said"),
    [
        (b"nonsense", "", "keys, line 1: label:sha256 expected"),
        (b"\xff", "", "Cannot read the keys in"),
        (b"", "cm_sk_a_b", "SCORE_KEYS, line 1: label:sha256 expected"),
    ],
)
def test_what_is_no_key_is_named_and_not_repeated(tmp_path: Path, stored: bytes, given: str, said: str):
    path = tmp_path / "keys"
    path.write_bytes(stored)
    with pytest.raises(CannotStart, match=said) as caught:
        count_keys(path, given)
    assert "cm_sk_" not in str(caught.value)


def test_a_label_or_a_place_that_will_not_do_is_told(tmp_path: Path):
    with pytest.raises(CannotStart, match="label"):
        print_new_key("a:b", tmp_path / "keys")
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match="Cannot write to"):
        print_new_key("one", tmp_path / "file" / "keys")
