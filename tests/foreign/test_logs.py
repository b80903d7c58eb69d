"""However a client sends its key, no log of the running service holds it."""

import http.client
import json
from urllib.parse import urlencode

import pytest

from tests.foreign.service import BLOG, CALM, WRONG_AKISMET, WRONG_SECRET, ForeignService, fresh
from tests.stack import LiveStack

pytestmark = pytest.mark.foreign

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def send(service: ForeignService, path: str, body: str, headers: dict[str, str]) -> int:
    """The status of a POST."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=20)
    try:
        connection.request("POST", path, body.encode(), headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_no_key_stands_in_a_log(live_stack: LiveStack, service: ForeignService):
    comment = {"blog": BLOG, "user_ip": "203.0.113.9", "comment_content": fresh(CALM)}
    analyze = json.dumps({"comment": {"text": CALM}, "requestedAttributes": {"TOXICITY": {}}})
    moderate = json.dumps({"input": CALM})
    marks = []
    for secret, short in ((service.secret, service.akismet), (WRONG_SECRET, WRONG_AKISMET)):
        query = urlencode({"key": secret})
        bearer = {**JSON, "Authorization": f"Bearer {secret}"}
        at_host = {**FORM, "Host": f"{short}.rest.akismet.com"}
        in_body = urlencode({**comment, "api_key": short})
        cleantalk = json.dumps({"auth_key": secret, "method_name": "check_message", "message": CALM})
        marks += [secret, short]
        send(service, f"/v1alpha1/comments:analyze?{query}", analyze, JSON)
        send(service, f"/v1alpha1/comments:nothing?{query}", analyze, JSON)
        send(service, "/v1/moderations", moderate, bearer)
        send(service, "/v1/moderations/nothing", moderate, bearer)
        send(service, "/1.1/comment-check", urlencode(comment), at_host)
        send(service, "/1.1/comment-check", in_body, FORM)
        send(service, f"/1.2/usage-limit?{urlencode({'api_key': short})}", "", FORM)
        send(service, f"/1.1/nothing?{urlencode({'api_key': short})}", "", at_host)
        send(service, "/compat/cleantalk/api2.0", cleantalk, JSON)
    logs = [path for path in live_stack.var.rglob("*.log") if path.is_file()]
    assert any(path.stat().st_size for path in logs)
    written = {path.name: path.read_text(encoding="utf-8", errors="replace") for path in logs}
    assert not [(name, mark) for name, text in written.items() for mark in marks if mark in text]
