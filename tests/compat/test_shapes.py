"""What is refused before any view is called: in the shape of the service that was called."""

import json
import subprocess
import sys

import pytest

from config.web.refusals import BUSY, FAILED, MISSING, TOO_LARGE, TOO_SLOW, UNREADABLE, Refusal
from config.web.wsgi import COMPAT_PREFIXES
from moderation.compat.shapes import SHAPES
from tests.stack import BASE

GOOGLE = ("/v1alpha1/comments:analyze", "/$discovery/rest", "/discovery/v1/apis")
STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    413: "INVALID_ARGUMENT",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


@pytest.mark.parametrize("path", GOOGLE)
@pytest.mark.parametrize("refusal", [BUSY, FAILED, MISSING, TOO_LARGE, TOO_SLOW, UNREADABLE])
def test_perspectives_clients_get_googles_shape(path: str, refusal: Refusal) -> None:
    answer = refusal.answer(path, "text/html")
    error = json.loads(answer.body)["error"]
    assert (error["code"], error["status"]) == (refusal.status, STATUS_NAMES[refusal.status])
    headers = dict(answer.headers)
    assert headers["content-type"] == "application/json; charset=UTF-8"
    assert headers["access-control-allow-origin"] == "*"


def test_other_paths_keep_their_own() -> None:
    assert json.loads(BUSY.answer("/api/v1/comments", "").body)["code"] == "busy"


def test_each_shape_belongs_to_a_prefix_that_is_served_without_pages() -> None:
    assert all(prefix.startswith(COMPAT_PREFIXES) for prefix, _ in SHAPES)


def test_they_need_no_model() -> None:
    """The server shell imports them before Django is set up."""
    code = "import sys, moderation.compat.shapes; assert 'moderation.models' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=BASE)
