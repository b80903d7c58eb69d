"""The environment is read strictly, and `.env.example` lists all of it."""

import base64
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.local.stack import Stack
from config.settings import base as settings
from config.settings.env import Environment, read_environment

BASE = Path(settings.BASE_DIR)
OWN_ADDRESS = "http://127.0.0.1:8123"
KEY = base64.b64encode(bytes(32)).decode()
PRODUCTION = {
    "DJANGO_ENV": "production",
    "SECRET_KEY": "n" * 25 + "abcdefghijklmnopqrstuvwxyz0123456789",
    "EMAIL_KEYS": f"k1:{KEY}",
    "EMAIL_INDEX_KEY": KEY,
    "ALLOWED_HOSTS": "comments.example.org",
    "PUBLIC_URL": "https://comments.example.org",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {"PATH": os.environ["PATH"], "VAR_DIR": os.environ["VAR_DIR"]}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE,
        env=clean | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("value", ["ture", "2", "y", "yes please", "None"])
def test_a_typo_in_a_flag_is_an_error_that_names_the_variable(value: str):
    with pytest.raises(ImproperlyConfigured, match="DEBUG must be yes or no"):
        Environment({"DEBUG": value}).flag("DEBUG", default=False)


@pytest.mark.parametrize(
    ("value", "meaning"), [("Yes", True), ("on", True), ("0", False), (" FALSE ", False)]
)
def test_flags_are_read_in_any_case(value: str, meaning: bool):
    assert Environment({"DEBUG": value}).flag("DEBUG", default=not meaning) is meaning


def test_an_empty_value_counts_as_missing():
    assert Environment({"DEBUG": " "}).flag("DEBUG", default=True) is True
    assert Environment({}).number("N", 3, least=1, most=5) == 3


@pytest.mark.parametrize("value", ["0", "6", "-1", "3.0", "three", "٣"])
def test_numbers_keep_to_their_bounds(value: str):
    with pytest.raises(ImproperlyConfigured, match="N must be a whole number from 1 to 5"):
        Environment({"N": value}).number("N", 3, least=1, most=5)


def test_a_choice_is_one_of_those_named():
    assert Environment({}).choice("WHICH", ("one", "two")) == "one"
    with pytest.raises(ImproperlyConfigured, match="WHICH must be one of one, two"):
        Environment({"WHICH": "Two"}).choice("WHICH", ("one", "two"))


def test_words_stand_between_commas():
    assert Environment({"HOSTS": "a.example, b.example,,"}).words("HOSTS") == ["a.example", "b.example"]


def test_an_address_needs_its_scheme_and_an_error_never_shows_the_password():
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL must start with") as caught:
        Environment({"DATABASE_URL": "mysql://u:hunter2@h/d"}).url("DATABASE_URL", ("postgres",))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "value", ["k1", "k1:short", f"k 1:{KEY}", f"{KEY}", "k1:" + KEY[:-4], f"k1:{KEY},k1:{KEY}"]
)
def test_broken_key_rings_are_refused_without_showing_them(value: str):
    with pytest.raises(ImproperlyConfigured, match="EMAIL_KEYS") as caught:
        Environment({"EMAIL_KEYS": value}).keys("EMAIL_KEYS")
    assert KEY not in str(caught.value)


def test_keys_of_the_right_length_are_taken():
    environment = Environment({"EMAIL_KEYS": f"new:{KEY}, old:{KEY}", "EMAIL_INDEX_KEY": KEY})
    assert environment.keys("EMAIL_KEYS") == [f"new:{KEY}", f"old:{KEY}"]
    assert environment.key("EMAIL_INDEX_KEY") == KEY
    with pytest.raises(ImproperlyConfigured, match="base64 of 32 bytes"):
        Environment({"EMAIL_INDEX_KEY": "x"}).key("EMAIL_INDEX_KEY")
    several = Environment({"EMAIL_INDEX_KEY_FALLBACKS": f"{KEY}, {KEY}"})
    assert several.plain_keys("EMAIL_INDEX_KEY_FALLBACKS") == [KEY, KEY]
    assert several.plain_keys("MISSING") == []
    with pytest.raises(ImproperlyConfigured, match="EMAIL_INDEX_KEY_FALLBACKS"):
        Environment({"EMAIL_INDEX_KEY_FALLBACKS": f"{KEY}, x"}).plain_keys("EMAIL_INDEX_KEY_FALLBACKS")


def test_the_process_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    dotenv = tmp_path / ".env"
    dotenv.write_text("# a comment\n\nONE=1\nTWO = 2=two \n")
    monkeypatch.setenv("ONE", "uno")
    values = read_environment(dotenv)
    assert (values["ONE"], values["TWO"]) == ("uno", "2=two")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("'My bot:ab'", "My bot:ab"),
        ('"a b"', "a b"),
        ("'a\"", "'a\""),
        ("'", "'"),
        ("it's", "it's"),
        ('""', ""),
    ],
)
def test_quotes_around_a_value_are_left_out_as_docker_compose_does(
    written: str, read: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("QUOTED", raising=False)
    (tmp_path / ".env").write_text(f"QUOTED={written}\n")
    assert read_environment(tmp_path / ".env")["QUOTED"] == read


def test_a_line_that_is_no_setting_is_named(tmp_path: Path):
    dotenv = tmp_path / ".env"
    dotenv.write_text("ONE=1\nnonsense\n")
    with pytest.raises(ImproperlyConfigured, match="line 2"):
        read_environment(dotenv)


def test_the_example_lists_every_variable_and_no_other():
    listed = set(re.findall(r"^([A-Z_]+)=", (BASE / ".env.example").read_text(), re.MULTILINE))
    scoring = (BASE / "config" / "settings" / "score.py").read_text()
    of_scoring = set(re.findall(r'env\.\w+\("([A-Z_]+)"', scoring))
    assert listed - {"POSTGRES_PASSWORD"} == settings.env.names | of_scoring


def test_the_example_holds_no_usable_secret():
    values = dict(re.findall(r"^([A-Z_]+)=(.*)$", (BASE / ".env.example").read_text(), re.MULTILINE))
    secret = (
        "SECRET_KEY",
        "EMAIL_KEYS",
        "EMAIL_INDEX_KEY",
        "DATABASE_URL",
        "METRICS_TOKEN",
        "POSTGRES_PASSWORD",
    )
    assert [name for name in secret if values[name]] == []


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "EMAIL_KEYS", "EMAIL_INDEX_KEY", "ALLOWED_HOSTS", "PUBLIC_URL", "DATABASE_URL"]
)
@pytest.mark.slow
def test_production_does_not_start_without(name: str):
    result = manage("check", **{key: value for key, value in PRODUCTION.items() if key != name})
    assert result.returncode == 1
    assert f"needs {name} in the environment" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_check_for_deployment_is_clean_in_production():
    result = manage("check", "--deploy", "--fail-level", "INFO", **PRODUCTION)
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"DEBUG": "yes"}, "config.E001"),
        ({"PUBLIC_URL": "https://comments.example.org/path"}, "config.E002"),
        ({"PUBLIC_URL": "https://other.example.org"}, "config.E003"),
        ({"PUBLIC_URL": "http://comments.example.org"}, "config.E004"),
        ({"REQUIRE_SECOND_FACTOR": "no"}, "config.W001"),
        ({"REDIS_URL": ""}, "config.W002"),
    ],
)
@pytest.mark.slow
def test_contradictions_are_found(changes: dict[str, str], problem: str):
    result = manage("check", "--deploy", "--fail-level", "WARNING", **(PRODUCTION | changes))
    assert result.returncode == 1
    assert problem in result.stderr


def test_production_refuses_failpoints():
    result = manage("check", **PRODUCTION, FAILPOINTS="/nowhere")
    assert result.returncode == 1
    assert "DJANGO_ENV=production refuses it" in result.stderr
    assert "Traceback" not in result.stderr


def test_failpoints_do_not_go_unnoticed_elsewhere(tmp_path: Path):
    result = manage("check", VAR_DIR=str(tmp_path / "var"), FAILPOINTS=str(tmp_path))
    assert "config.W003" in result.stderr


def test_development_makes_its_own_secrets_for_nobody_else_to_read(tmp_path: Path):
    result = manage("check", VAR_DIR=str(tmp_path / "var"))
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "var" / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_servers_are_origins_and_none_is_none():
    read = Environment(
        {"S": "API.example, http://127.0.0.1:8080 ,https://b.example:443", "N": "none"}
    ).origins
    assert read("S", "") == {"https://api.example", "http://127.0.0.1:8080", "https://b.example"}
    assert read("N", "a.example") == frozenset()
    assert read("MISSING", "a.example") == {"https://a.example"}


@pytest.mark.parametrize(
    "value", ["https://a.example/v1", "ftp://a.example", "a b", "https://u:secret@a.example"]
)
def test_what_is_no_server_is_an_error_that_does_not_repeat_it(value: str):
    with pytest.raises(ImproperlyConfigured, match="S must hold hosts like") as caught:
        Environment({"S": value}).origins("S", "")
    assert value not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "public"), [("https://news.example", "https://news.example"), ("", OWN_ADDRESS)]
)
def test_an_address_that_is_given_stands_however_it_was_given(
    tmp_path: Path, settings: Any, given: str, public: str
):
    """`.env` is as good as the environment."""
    settings.ADDRESS_FILE, settings.GIVEN_PUBLIC_URL = tmp_path / "address", given
    settings.PUBLIC_URL = given or "http://127.0.0.1:8000"
    stack: Any = SimpleNamespace(options=SimpleNamespace(web=SimpleNamespace(for_people=OWN_ADDRESS)))
    Stack._note_address(stack)
    assert public == settings.PUBLIC_URL
