"""docker-compose.yml and Dockerfile: well formed, without secrets, only with commands that are tried here."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from redis import Redis

from config.local import children
from config.web import healthcheck
from moderation.flow.jobs.kinds import QUEUES
from tests.config.settings.test_environment import PRODUCTION
from tests.stack import BASE, free_port

COMPOSE: dict[str, Any] = yaml.safe_load((BASE / "docker-compose.yml").read_text())
DOCKERFILE = (BASE / "Dockerfile").read_text()
OURS = {name: service for name, service in COMPOSE["services"].items() if "build" in service}
WORKERS = [name for name in COMPOSE["services"] if name.startswith("worker-")]
# Command lines that the tests below, or run.py and the linters' script, run for real.
TRIED = {
    "python manage.py migrate --no-input",
    "python manage.py run_part web",
    "python manage.py run_part worker-local",
    "python manage.py run_part worker-remote",
    "python manage.py run_part worker-background",
    "python manage.py run_jobs",
    "python -m config.score --host 0.0.0.0",
    "python manage.py collectstatic --no-input",
    "python -m pip install --require-hashes --no-deps --only-binary :all: --no-input -r requirements.txt",
    "python -m config.web.healthcheck",
    "python -m celery --app config.celery inspect ping --timeout 5",
}


PING = ("-m", "celery", "--app", "config.celery", "inspect", "ping", "--timeout", "5")


def test_it_fits_the_schema_of_compose_files():
    schema = json.loads((Path(__file__).parent / "compose.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(COMPOSE)


def test_the_schema_catches_mistakes():
    schema = json.loads((Path(__file__).parent / "compose.schema.json").read_text())
    broken = {"services": {"web": {"image": "x", "helthcheck": {"test": ["CMD", "true"]}}}}
    with pytest.raises(jsonschema.ValidationError, match="helthcheck"):
        jsonschema.Draft202012Validator(schema).validate(broken)


def test_all_parts_are_there():
    needed = {"database", "broker", "migrate", "web", *WORKERS, "run_jobs", "score"}
    assert set(COMPOSE["services"]) == needed
    assert WORKERS == ["worker-local", "worker-remote", "worker-background"]


def test_the_scoring_server_is_started_only_by_its_name_and_needs_no_other_part():
    score = COMPOSE["services"]["score"]
    assert score["profiles"] == ["score"]
    assert "depends_on" not in score
    assert "DATABASE_URL" not in score["environment"]


def test_a_worker_has_time_to_end_its_task():
    for queue in QUEUES:
        grace = COMPOSE["services"][f"worker-{queue.name}"]["stop_grace_period"]
        assert int(grace.removesuffix("s")) > queue.time_limit_s


def test_the_database_is_of_the_version_that_the_tests_use():
    assert COMPOSE["services"]["database"]["image"].startswith("postgres:18")


@pytest.mark.parametrize("name", ["database", "broker", "web", "score", *WORKERS])
def test_who_can_hang_is_looked_after(name: str):
    assert COMPOSE["services"][name]["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", ["web", *WORKERS, "run_jobs"])
def test_nothing_of_ours_starts_before_the_database_is_migrated(name: str):
    assert OURS[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("name", OURS)
def test_our_parts_have_no_more_rights_than_they_need(name: str):
    service = OURS[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["environment"]["DJANGO_ENV"] == "production"


def test_there_is_no_default_secret():
    for service in COMPOSE["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|KEY", name):
                assert re.fullmatch(r"\$\{[A-Z_]+:\?[^}]+\}", value), name
        for published in service.get("ports", []):
            assert published.startswith("127.0.0.1:")
    assert "USER app" in DOCKERFILE


def test_every_command_is_one_that_is_tried():
    commands = {shlex.join(service["command"]) for service in OURS.values()}
    commands |= {
        shlex.join(service["healthcheck"]["test"][1:])
        for service in OURS.values()
        if "healthcheck" in service
    }
    lines = re.sub(r"\\\n\s*", "", DOCKERFILE).splitlines()
    runs = [line.removeprefix("RUN ") for line in lines if line.startswith("RUN ")]
    commands |= {re.sub(r"^(?:[A-Z_]+=\S+ )+", "", line) for line in runs if "python" in line}
    commands |= {
        shlex.join(json.loads(line.removeprefix("CMD "))) for line in lines if line.startswith("CMD ")
    }
    assert commands == TRIED


def run_python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=BASE,
        env={"PATH": os.environ["PATH"]} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.slow
def test_static_files_are_collected_as_in_the_image(tmp_path: Path):
    """In a copy: the files land beside manage.py."""
    (instruction,) = re.findall(r"^RUN (DJANGO_ENV[^#]+?collectstatic --no-input)$", DOCKERFILE, re.MULTILINE)
    given = dict(re.findall(r"([A-Z_]+)=(\S+)", instruction))
    shutil.copy(BASE / "manage.py", tmp_path)
    for name in ("config", "moderation"):
        shutil.copytree(BASE / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    result = subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--no-input"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "staticfiles" / "staticfiles.json").exists()


@pytest.mark.slow
def test_the_web_part_passes_its_health_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    port = str(free_port())
    environment = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), **PRODUCTION}
    command = [sys.executable, "manage.py", "run_part", "web", "--port", port]
    check = [sys.executable, "-m", "config.web.healthcheck"]
    web = children.spawn(command, log=tmp_path / "web.log", env=environment, cwd=BASE)
    try:
        for _ in range(60):
            asked = environment | {"PORT": port}
            if subprocess.run(check, cwd=BASE, env=asked, check=False).returncode == 0:
                break
        else:
            pytest.fail((tmp_path / "web.log").read_text())
    finally:
        children.stop(web, signal.SIGTERM, grace_s=10)
    monkeypatch.setenv("PORT", port)
    assert healthcheck.main() == 1


@pytest.mark.slow
@pytest.mark.parametrize("queue", [queue.name for queue in QUEUES])
def test_a_worker_part_takes_its_queue_and_passes_its_health_check(tmp_path: Path, settings, queue: str):
    environment = PRODUCTION | {"REDIS_URL": settings.REDIS_URL, "VAR_DIR": str(tmp_path)}
    command = [sys.executable, "manage.py", "run_part", f"worker-{queue}"]
    worker = children.spawn(
        command, log=tmp_path / "w.log", env={"PATH": os.environ["PATH"], **environment}, cwd=BASE
    )
    try:
        for _ in range(10):
            answer = run_python(*PING, **environment)
            if answer.returncode == 0:
                break
        assert answer.returncode == 0, (tmp_path / "w.log").read_text()
        assert f"worker-{queue}-1@" in answer.stdout
        with Redis.from_url(settings.REDIS_URL, decode_responses=True) as broker:
            assert any(queue in member for member in broker.smembers(f"_kombu.binding.{queue}"))
    finally:
        children.stop(worker, signal.SIGTERM, grace_s=20)
