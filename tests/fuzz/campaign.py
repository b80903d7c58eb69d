"""A fuzzing campaign: schemathesis over the whole OpenAPI description, against the real WSGI application."""

import gzip
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import brotli
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connections
from schemathesis.config import (
    ChecksConfig,
    CoveragePhaseConfig,
    GenerationConfig,
    PhasesConfig,
    PositiveDataAcceptanceConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
    SimpleCheckConfig,
    StatefulPhaseConfig,
)
from schemathesis.engine import events, from_schema

from config.web.wsgi import application
from moderation.clients.rates import Allowance
from moderation.models import Site
from tests.api.calls import public_api, secret_api
from tests.builders import screen_all
from tests.fuzz.promises import find_broken_promise

SCHEMA = "/api/schema/"
MOST_ROUNDS = 200
_DECODERS = {"gzip": gzip.decompress, "br": brotli.decompress}
StartResponse = Callable[..., Any]


@dataclass(slots=True)
class Findings:
    """What a campaign sent and what it found: one example for each kind of failure."""

    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    phases: Counter[str] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)

    def add(self, event: events.ScenarioFinished) -> None:
        """Count the requests of a scenario, and keep what its checks found."""
        nodes = event.recorder.cases
        for case_id, interaction in event.recorder.interactions.items():
            self.cases += 1
            self.phases[event.phase.value] += 1
            self.operations[nodes[case_id].value.operation.label] += 1
            if interaction.response is not None:
                self.statuses[interaction.response.status_code] += 1
        for case_id, checks in event.recorder.checks.items():
            for check in checks:
                if check.failure_info is not None:
                    what = f"{nodes[case_id].value.operation.label}: {check.name}"
                    info = check.failure_info
                    self.note(what, f"{info.failure.title}. {info.failure.message}\n{info.code_sample}")

    def note(self, what: str, example: str) -> None:
        """Keep the first example of a kind."""
        self.failures.setdefault(what, example[:3000])


class Service:
    """The application in a thread of its own; what was submitted is screened before the next request.

    Schemathesis' threads come and go, and each would open a connection of its own. Every answer is
    held against what the description promises in words, which schemathesis cannot read.
    """

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._thread = ThreadPoolExecutor(1)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        return self._thread.submit(self._serve, environ, start_response).result()

    def close(self) -> None:
        """Close the connection and end the thread."""
        self._thread.submit(connections.close_all).result()
        self._thread.shutdown()

    def answer(self, environ: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
        """The application's answer."""
        started: list[Any] = []
        call: Any = application  # it is given more than it is told
        response = call(environ, lambda *given: started.extend(given))
        with closing(response):
            body = b"".join(response)
        if environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"] == "/api/v1/comments":
            screen_all()
        headers = {name.lower(): value for name, value in started[1]}
        if encoding := headers.get("content-encoding"):  # as an HTTP library does for its caller
            body = _DECODERS[encoding](body)
            started[1] = [each for each in started[1] if each[0].lower() != "content-encoding"]
        return int(started[0][:3]), started[1], body

    def _serve(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        status, headers, body = self.answer(environ)
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        broken = find_broken_promise(method, path, status, dict(headers), body)
        if broken:
            self._findings.note(f"{method} {path} {status}", broken)
        start_response(f"{status} Answer", headers)
        return [body]


class NoLimits:
    """Rates that never end: limits have tests of their own, and would only hide other answers here."""

    def allow(self, limits: object) -> Allowance:
        """Always."""
        return Allowance(is_allowed=True)


@contextmanager
def steady_service() -> Iterator[None]:
    """Keep the connection to the database between requests, and take the rate limits out."""
    with patch("moderation.clients.rates._rates_at", return_value=NoLimits()):
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)
        try:
            yield
        finally:
            for signal in (request_started, request_finished):
                signal.connect(close_old_connections)


def run_campaign(
    site: Site, *, cases: int, seed: int, service_class: type[Service] = Service, examples: int = 20
) -> Findings:
    """Send at least `cases` requests with secret and public keys of `site`, in rounds of rising seeds.

    The first round also has every case at the schema's borders; those do not depend on the seed.
    """
    findings = Findings()
    public = public_api(site).key
    keys = [secret_api(site).key, secret_api(site).key, public]
    with steady_service(), closing(service_class(findings)) as service:
        for number in range(MOST_ROUNDS):
            if findings.cases >= cases:
                break
            config = _build_config(
                keys[number % len(keys)],
                public,
                seed=seed + number,
                examples=examples,
                has_borders=number == 0,
            )
            _run_round(service, config, findings, cases)
    return findings


def _run_round(service: Service, config: SchemathesisConfig, findings: Findings, cases: int) -> None:
    schema = schemathesis.openapi.from_wsgi(SCHEMA, service, config=config)
    stream = from_schema(schema).execute()
    for event in stream:
        if isinstance(event, events.ScenarioFinished):
            findings.add(event)
            if findings.cases >= cases:
                stream.stop()
        elif isinstance(event, events.NonFatalError):
            findings.note(f"{event.label}: {event.info.title}", str(event.info.message))


@schemathesis.hook("before_call")
def _make_acceptable(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Give every other valid submission a page and a mail address, which no schema can describe.

    Without that hardly one were stored, and there were nothing to read, decide and undo.
    """
    is_submission = case.operation.label == "POST /api/v1/comments" and isinstance(case.body, dict)
    if is_submission and case.meta.generation.mode.is_positive and len(str(case.body)) % 2:
        text = str(case.body.get("body") or "A remark.")
        case.body = {
            "thread": {"url": f"https://news.example/{len(text) % 5}"},
            "name": "Ada Reader",
            "email": f"reader{len(text)}@reader.example",
            "body": text,
        }


def _build_config(
    key: str, public: str, *, seed: int, examples: int, has_borders: bool
) -> SchemathesisConfig:
    generation = GenerationConfig(max_examples=examples, no_shrink=True, database="none")
    checks = ChecksConfig(
        # A schema cannot say all that a body must be: that a page has a url or a key, for one.
        positive_data_acceptance=PositiveDataAcceptanceConfig(enabled=False),
        # tests/architecture/test_tenancy.py tries every address without a key and with wrong ones.
        ignored_auth=SimpleCheckConfig(enabled=False),
    )
    project = ProjectConfig(
        headers={"Authorization": f"Bearer {key}"},
        parameters={"path.public_key": public},
        continue_on_failure=True,
        generation=generation,
        checks=checks,
        phases=PhasesConfig(
            coverage=CoveragePhaseConfig(enabled=has_borders),
            stateful=StatefulPhaseConfig(generation=generation, checks=checks, max_steps=8),
        ),
    )
    return SchemathesisConfig(seed=seed, projects=ProjectsConfig(default=project))
