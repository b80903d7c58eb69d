"""The whole OpenAPI description, fuzzed: no 5xx, no undocumented answer, every answer fits the schema."""

from typing import Any

import pytest

from tests.builders import build_site
from tests.fuzz.campaign import Findings, Service, run_campaign

pytestmark = [pytest.mark.fuzz, pytest.mark.django_db(transaction=True)]

CASES = 2000
SEED = 20260101


def tell(findings: Findings) -> str:
    return "\n\n".join(f"{what}\n{example}" for what, example in findings.failures.items())


def test_no_case_breaks_what_the_schema_promises() -> None:
    findings = run_campaign(build_site(), cases=CASES, seed=SEED)
    assert not findings.failures, tell(findings)
    assert findings.cases >= CASES
    assert max(findings.statuses) < 500, findings.statuses
    # It got past the door: comments were stored, decided on, and decisions taken back.
    assert findings.statuses[202] > 20
    assert findings.statuses[201] > 20
    assert findings.phases["stateful"] > 200
    assert len(findings.operations) == 11


class Faulty(Service):
    """A service with one fault of each kind that a campaign has to find."""

    def answer(self, environ: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
        status, headers, body = super().answer(environ)
        match environ["PATH_INFO"], status:
            case "/api/v1/reasons", 200:
                return 200, headers, b'{"reasons": [{"code": 1}]}'
            case "/api/v1/decisions", 400:
                return 400, headers, body.replace(b"invalid_fields", b"something_else")
            case "/api/v1/comments", 400:
                return 500, headers, body
            case "/api/v1/thread", 400:
                return 418, headers, body
        return status, headers, body


def test_a_campaign_finds_faults_of_every_kind() -> None:
    findings = run_campaign(build_site(), cases=900, seed=SEED, service_class=Faulty, examples=5)
    found = {(what.partition(":")[0], what.rpartition(": ")[2]) for what in findings.failures}
    assert ("GET /api/v1/reasons", "response_schema_conformance") in found
    assert ("POST /api/v1/comments", "not_a_server_error") in found
    assert ("GET /api/v1/thread", "status_code_conformance") in found
    assert any("something_else is not documented" in told for told in findings.failures.values())
