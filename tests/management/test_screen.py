"""`manage.py screen --stdin`, run as people run it: without a database, line by line."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from io import BytesIO, StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command

ROOT = Path(__file__).parents[2]
NOWHERE = "postgres://nobody@127.0.0.1:9/nothing"


def joined(lines: Sequence[str | bytes]) -> bytes:
    return b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)


def screen_elsewhere(*lines: str | bytes) -> tuple[int, list[dict[str, Any]], str]:
    """The command as a process of its own, to which no database answers."""
    done = subprocess.run(
        [sys.executable, "manage.py", "screen", "--stdin"],
        cwd=ROOT,
        input=joined(lines),
        capture_output=True,
        timeout=60,
        check=False,
        env=os.environ | {"DATABASE_URL": NOWHERE, "REDIS_URL": "redis://127.0.0.1:9/0"},
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, list[dict[str, Any]], str]]:
    """The command in this process."""

    def run(*lines: str | bytes) -> tuple[int, list[dict[str, Any]], str]:
        out, errors, code = StringIO(), StringIO(), 0
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=BytesIO(joined(lines))))
        try:
            call_command("screen", "--stdin", stdout=out, stderr=errors)
        except SystemExit as ended:
            code = int(ended.code or 0)
        return code, [json.loads(line) for line in out.getvalue().splitlines()], errors.getvalue()

    return run


def test_each_line_gets_a_verdict_with_signals_spans_and_an_explanation():
    code, (clean, linked), errors = screen_elsewhere(
        json.dumps({"id": 7, "text": "The council has not asked the tenants.", "name": None}),
        json.dumps(
            {"text": "Sée http://192.0.2.1/x there", "name": "A Reader", "set": "unknown fields pass"}
        ),
    )
    assert (code, errors) == (0, "")
    assert (clean["id"], clean["verdict"], clean["signals"]) == (7, "publish", [])
    assert linked["verdict"] == "hold"
    assert "links.ip_host" in linked["reasons"]
    assert "links.first_link" in linked["explanation"]
    (signal,) = [signal for signal in linked["signals"] if signal["code"] == "links.ip_host"]
    assert signal["spans"] == [[4, 22, "body"]]
    assert signal["says"] == "A link to a bare IP address (192.0.2.1)"
    assert linked["scores"]["spam"] == linked["scores"]["doubt"] > 3


def test_what_is_known_of_author_and_site_counts(screen: Any):
    text = "See http://other.example/page for all the figures that were published."
    _, answers, _ = screen(
        json.dumps({"text": text, "is_proven": True, "published": 3}),
        json.dumps({"text": text, "is_proven": True, "published": 3, "blocked_words": ["figures"]}),
        json.dumps({"text": text, "honeypot": True}),
    )
    assert [answer["verdict"] for answer in answers] == ["publish", "hold", "spam"]


def test_bad_lines_get_an_error_each_and_the_others_an_answer(screen: Any):
    code, answers, errors = screen(
        "{",
        b"\xff\xfe",
        "[1]",
        "{}",
        '{"text": 5}',
        '{"text": "x", "languages": "en"}',
        '{"text": "x", "is_proven": 1}',
        '{"text": "x", "spam": -1}',
        "[" * 100_000,
        "",
        b'\xef\xbb\xbf{"text": "\\ud800 fine"}',
    )
    assert (code, errors) == (1, "")
    assert ["error" in answer for answer in answers] == [True] * 9 + [False]
    messages = [answer["error"]["message"] for answer in answers if "error" in answer]
    assert messages[3:8] == [
        "text: must be a string",
        "text: must be a string",
        "languages: must be a list of strings",
        "is_proven: must be true or false",
        "spam: must be a whole number, 0 or more",
    ]


def test_a_reader_that_leaves_early_is_no_error():
    done = subprocess.run(
        f'yes \'{{"text": "hello"}}\' | head -3000 | {sys.executable} manage.py screen --stdin | head -1',
        shell=True,
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert json.loads(done.stdout)["verdict"] == "publish"
    assert done.stderr == b""
