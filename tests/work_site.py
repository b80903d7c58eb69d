"""A site that asks for a proof of work, and its host: an origin of its own with the pages of a test."""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import httpx

from tests.stack import LiveStack

_SWITCH_ON = """
from moderation.flow.record import SYSTEM
from moderation.flow.site.settings import change_site
from moderation.models import Site
change_site(Site.objects.get(name="{name}").id, {{"proof_of_work": "always"}}, actor=SYSTEM)
"""


@dataclass(frozen=True, slots=True)
class WorkSite:
    """The site's keys, and what its host serves: (type, content, policy) by path."""

    service: str
    host: str
    key: str = ""
    secret: str = ""
    files: dict[str, tuple[str, bytes, str]] = field(default_factory=dict)

    @property
    def challenge_url(self) -> str:
        """Where its challenges are."""
        return f"{self.service}/embed/{self.key}/challenge.json"

    def url(self, path: str) -> str:
        """The address of a page of the host."""
        return f"http://{self.host}{path}"

    def write(self, body: str, *, policy: str = "") -> str:
        """Serve a page with this body; its address."""
        path = f"/{uuid4().hex[:8]}"
        page = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>News</title><body>{body}'
        self.files[path] = ("text/html", page.encode(), policy)
        return self.url(path)

    def submit(self, page: str, work: str) -> str:
        """Submit a comment as a script in a page does; its id."""
        comment = {
            "thread": {"url": page},
            "name": "Robin Reader",
            "email": f"{uuid4().hex[:8]}@reader.example",
            "body": f"How we mended the {uuid4().hex[:6]} pump and the {uuid4().hex[:6]} gate.",
            **({"work": work} if work else {}),
        }
        headers = {"X-Api-Key": self.key, "Origin": f"http://{self.host}"}
        answer = httpx.post(f"{self.service}/api/v1/comments", json=comment, headers=headers, trust_env=False)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def screened(self, comment_id: str) -> tuple[str, list[str]]:
        """What became of a comment, and the codes of its signals, once it is screened."""
        headers = {"Authorization": f"Bearer {self.secret}"}
        with httpx.Client(headers=headers, trust_env=False, timeout=10) as client:
            for _ in range(600):
                found = client.get(f"{self.service}/api/v1/comments/{comment_id}").json()
                if found["status"] != "screening":
                    codes = [signal["code"] for signal in found["screening"]["signals"]]
                    return found["status"], codes
        raise AssertionError("The screening takes too long.")


@contextmanager
def serve_work_site(stack: LiveStack) -> Iterator[WorkSite]:
    """A new site whose host runs meanwhile."""
    files: dict[str, tuple[str, bytes, str]] = {}
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(files)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        name, host = f"Evening {uuid4().hex[:6]}", f"localhost:{server.server_address[1]}"
        made = stack.manage("add_site", name, "--host", host)
        stack.manage("shell", "-c", _SWITCH_ON.format(name=name))
        key, secret = (re.findall(rf"cm_{kind}_[\w-]+", made)[0] for kind in ("pk", "sk"))
        yield WorkSite(stack.url, host, key, secret, files)
        server.shutdown()
        thread.join()


def _handler(files: Mapping[str, tuple[str, bytes, str]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, content, policy = files.get(self.path.partition("?")[0], ("text/plain", b"", ""))
            self.send_response(200 if content else 404)
            self.send_header("Content-Type", kind)
            if policy:
                self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    return Handler
